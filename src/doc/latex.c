// Tables as LaTeX: see latex.h.
#include "doc/latex.h"

#include <string.h>

static const char* const ascii[][2] = {
    {"\\", "\\textbackslash{}"},
    {"{", "\\{"},
    {"}", "\\}"},
    {"$", "\\$"},
    {"&", "\\&"},
    {"#", "\\#"},
    {"%", "\\%"},
    {"_", "\\_"},
    {"~", "\\textasciitilde{}"},
    {"^", "\\textasciicircum{}"},
    {"<", "$<$"},
    {">", "$>$"},
    {"|", "$|$"},
    {"\"", "''"},
    {"\n", " "},
    {"\t", " "},
};
static const char* const signs[][2] = {
    {"“", "``"},        {"”", "''"},       {"‘", "`"},         {"’", "'"},          {"–", "--"},      {"—", "---"},
    {"…", "\\ldots{}"}, {"±", "$\\pm$"},   {"×", "$\\times$"}, {"≤", "$\\leq$"},    {"≥", "$\\geq$"}, {"−", "$-$"},
    {"α", "$\\alpha$"}, {"β", "$\\beta$"}, {"γ", "$\\gamma$"}, {"λ", "$\\lambda$"}, {"τ", "$\\tau$"},
};

// What stands for the beginning of `at`, and how many bytes of it that is; NULL when it stands for itself.
static const char* replacement(const char* at, size_t* bytes) {
  for (size_t i = 0; i < sizeof ascii / sizeof *ascii; i++) {
    *bytes = 1;
    if (*at == ascii[i][0][0]) return ascii[i][1];
  }
  for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
    *bytes = strlen(signs[i][0]);
    if (strncmp(at, signs[i][0], *bytes) == 0) return signs[i][1];
  }
  return NULL;
}

// The bytes of the character at `at`.
static size_t length_of(const char* at) {
  size_t n = 1;
  while (((unsigned char)at[n] & 0xC0) == 0x80) n++;
  return n;
}

// Whether the letters that LaTeX knows without a package: Latin-1's and Latin Extended-A's.
static bool is_latin(const char* at) {
  return (unsigned char)at[0] >= 0xC3 && (unsigned char)at[0] <= 0xC5;
}

void lb_latex_escape(lb_text* out, const char* text) {
  for (const char* at = text; *at;) {
    size_t bytes;
    const char* instead = replacement(at, &bytes);
    if (!instead) {
      bytes = length_of(at);
      bool plain = (unsigned char)*at < 0x80, printable = (unsigned char)*at >= 32 && *at != 127;
      if (plain && !printable) {
        instead = "";
      } else if (!plain && !is_latin(at)) {
        instead = "?";
      }
    }
    if (instead) {
      lb_text_add(out, "%s", instead);
    } else {
      lb_text_add_bytes(out, at, bytes);
    }
    at += bytes;
  }
}

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// A cell of a column of numbers: its minus signs are minus signs, and nothing is a dash.
static void add_number(lb_text* out, const char* text) {
  if (strcmp(text, "-") == 0) {
    lb_text_add(out, "--");
    return;
  }
  lb_text run = {0};
  for (const char* c = text; *c; c++) {
    bool minus = *c == '-' && is_digit(c[1]) && (c == text || c[-1] == ' ' || c[-1] == '[');
    lb_text_add_bytes(&run, minus ? "\xE2\x88\x92" : c, minus ? 3 : 1);
  }
  if (run.length) lb_latex_escape(out, run.data);
  lb_text_free(&run);
}

// A row of a table; -1 is its head.
static void add_row(lb_text* out, const lb_table* t, int row) {
  bool first = true;
  for (int c = 0; c < t->columns; c++) {
    if (c == t->drawn) continue;
    if (!first) lb_text_add(out, " & ");
    first = false;
    if (row < 0) {
      lb_latex_escape(out, t->titles[c]);
    } else if (t->numeric[c]) {
      add_number(out, t->cells[row * t->columns + c].text);
    } else {
      lb_latex_escape(out, t->cells[row * t->columns + c].text);
    }
  }
  lb_text_add(out, " \\\\\n");
}

// A table under a heading; nothing without rows or caption.
static void add_table(lb_text* out, const lb_table* t, const char* heading) {
  if (t->rows == 0 || !t->caption[0]) return;
  lb_text_add(out, "\n%% ");
  for (const char* c = heading; *c; c++) lb_text_add_bytes(out, (unsigned char)*c < 32 ? " " : c, 1);
  lb_text_add(out,
              "\n\\begin{table}[htbp]\n\\centering\\scriptsize\\setlength{\\tabcolsep}{3pt}\\renewcommand{"
              "\\arraystretch}{1.2}\n\\caption{");
  lb_latex_escape(out, heading);
  lb_text_add(out, ". ");
  lb_latex_escape(out, t->caption);
  lb_text_add(out, ".}\n\\begin{tabular}{");
  for (int c = 0; c < t->columns; c++) {
    if (c != t->drawn) lb_text_add(out, t->numeric[c] ? "r" : "l");
  }
  lb_text_add(out, "}\n\\hline\n");
  add_row(out, t, -1);
  lb_text_add(out, "\\hline\n");
  for (int r = 0; r < t->rows; r++) add_row(out, t, r);
  lb_text_add(out, "\\hline\n\\end{tabular}\n\\end{table}\n");
}

void lb_doc_latex(const lb_doc* doc, lb_text* out) {
  lb_text_add(out,
              "%% \\input this file where the tables shall stand, or compile it as it is.\n"
              "\\expandafter\\ifx\\csname @twoclasseserror\\endcsname\\documentclass\\else\n"
              "\\documentclass{article}\n"
              "\\ifdefined\\pdfpagewidth\\pdfpagewidth=420mm\\pdfpageheight=297mm\\fi\n"
              "\\textwidth=380mm \\textheight=240mm \\oddsidemargin=-5mm \\topmargin=-10mm\n"
              "\\begin{document}\n"
              "\\def\\lbtablesend{\\end{document}}\n"
              "\\fi\n");
  const char* heading = "";
  for (int i = 0; i < doc->n; i++) {
    const lb_block* b = &doc->blocks[i];
    if (b->kind == LB_BLOCK_HEADING) heading = b->text;
    if (b->kind == LB_BLOCK_TABLE) add_table(out, b->table, heading);
  }
  lb_text_add(out, "\n\\ifdefined\\lbtablesend\\expandafter\\lbtablesend\\fi\n");
}
