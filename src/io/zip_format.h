// Numbers of the ZIP format (PKWARE APPNOTE 6.3, sections 4.3 and 4.4). For zip.c only.
#ifndef LB_IO_ZIP_FORMAT_H_
#define LB_IO_ZIP_FORMAT_H_

#define LB_ZIP_LOCAL 0x04034B50u    // local file header, before an entry's data
#define LB_ZIP_CENTRAL 0x02014B50u  // its twin in the central directory
#define LB_ZIP_END 0x06054B50u      // end of central directory

enum {
  LB_ZIP_LOCAL_BYTES = 30,  // fixed parts
  LB_ZIP_CENTRAL_BYTES = 46,
  LB_ZIP_END_BYTES = 22,
  LB_ZIP_STORED = 0,
  LB_ZIP_DEFLATED = 8,
  LB_ZIP64_FIELD = 0x0001,  // extra field with 64-bit sizes
};

#endif  // LB_IO_ZIP_FORMAT_H_
