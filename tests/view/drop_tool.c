// drop_tool WINDOW PATH: drags a file to a window's middle and drops it there, as a file manager does by the protocol
// XDND. Exit status 0 once the window has taken it.
#include <X11/Xatom.h>
#include <X11/Xlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct dragging {
  Display* display;
  Window source, target;
  Atom selection, list;  // XdndSelection, text/uri-list
  char uri[1200];
} dragging;

static void tell(const dragging* d, const char* what, long a, long b, long c, long e) {
  XEvent event = {0};
  event.xclient.type = ClientMessage;
  event.xclient.window = d->target;
  event.xclient.message_type = XInternAtom(d->display, what, False);
  event.xclient.format = 32;
  event.xclient.data.l[0] = (long)d->source;
  event.xclient.data.l[1] = a;
  event.xclient.data.l[2] = b;
  event.xclient.data.l[3] = c;
  event.xclient.data.l[4] = e;
  XSendEvent(d->display, d->target, False, NoEventMask, &event);
  XFlush(d->display);
}

// Hands the file's name to whoever asks for what is dragged.
static void answer(const dragging* d, const XSelectionRequestEvent* ask) {
  XEvent event = {0};
  XChangeProperty(d->display, ask->requestor, ask->property, d->list, 8, PropModeReplace, (const unsigned char*)d->uri,
                  (int)strlen(d->uri));
  event.xselection.type = SelectionNotify;
  event.xselection.requestor = ask->requestor;
  event.xselection.selection = ask->selection;
  event.xselection.target = ask->target;
  event.xselection.property = ask->property;
  event.xselection.time = ask->time;
  XSendEvent(d->display, ask->requestor, False, NoEventMask, &event);
  XFlush(d->display);
}

// Until the window says `what`.
static void wait_for(const dragging* d, const char* what) {
  Atom wanted = XInternAtom(d->display, what, False);
  for (;;) {
    XEvent event;
    XNextEvent(d->display, &event);
    if (event.type == SelectionRequest) answer(d, &event.xselectionrequest);
    if (event.type == ClientMessage && event.xclient.message_type == wanted) return;
  }
}

int main(int argc, char** argv) {
  dragging d = {.display = XOpenDisplay(NULL)};
  Window child;
  XWindowAttributes size;
  int x, y;
  if (argc != 3 || !d.display) {
    fprintf(stderr, "usage: drop_tool WINDOW PATH, with a DISPLAY\n");
    return 2;
  }
  d.target = (Window)strtoul(argv[1], NULL, 0);
  snprintf(d.uri, sizeof d.uri, "file://%s\r\n", argv[2]);
  d.source = XCreateSimpleWindow(d.display, DefaultRootWindow(d.display), 0, 0, 1, 1, 0, 0, 0);
  d.selection = XInternAtom(d.display, "XdndSelection", False);
  d.list = XInternAtom(d.display, "text/uri-list", False);
  XSetSelectionOwner(d.display, d.selection, d.source, CurrentTime);
  XGetWindowAttributes(d.display, d.target, &size);
  XTranslateCoordinates(d.display, d.target, DefaultRootWindow(d.display), size.width / 2, size.height / 2, &x, &y,
                        &child);
  tell(&d, "XdndEnter", 5L << 24, (long)d.list, None, None);
  tell(&d, "XdndPosition", 0, (long)x << 16 | y, CurrentTime, (long)XInternAtom(d.display, "XdndActionCopy", False));
  wait_for(&d, "XdndStatus");
  tell(&d, "XdndDrop", 0, CurrentTime, 0, 0);
  wait_for(&d, "XdndFinished");
  XCloseDisplay(d.display);
  return 0;
}
