/* libtcc of Debian's libtcc-dev (0.9.27). Later versions dropped the second argument of
   tcc_relocate, with which code is placed in memory of our own. */
#include <libtcc.h>

#ifndef TCC_RELOCATE_AUTO
#error "normgen needs libtcc 0.9.27: install Debian's libtcc-dev"
#endif
