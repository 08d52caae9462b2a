// The tables of a document as LaTeX. The text can be read by \input into a paper, where it needs no package, or
// compiled as it is: it brings a document around itself when there is none.
#ifndef LB_DOC_LATEX_H_
#define LB_DOC_LATEX_H_

#include "base/text.h"
#include "doc/doc.h"

// Every table with a caption and at least one row, under a comment with the heading that it stands below.
void lb_doc_latex(const lb_doc* doc, lb_text* out);

// Appends text with everything escaped that LaTeX would read as markup. Of characters beyond ASCII, those of Latin
// letters stay, a few signs become commands, the others become a question mark.
void lb_latex_escape(lb_text* out, const char* text);

#endif  // LB_DOC_LATEX_H_
