/* Small leaks of libraries, which the leak checker must not take for ours. Internal to wire/. */
#pragma once

/* Whoever uses such a library calls this once: it brings the list into the program. */
void library_leaks_known(void);
