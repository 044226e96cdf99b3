/* Calls that lose bounds, errors or locale make a compile error. Use base/str.h and base/num.h. */
#pragma once

#include <string.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#undef strcpy
#undef strcat
#undef sprintf
#undef strncpy
#undef strtok
#undef atoi
#undef atol
#undef gets
#undef localtime
#pragma GCC poison strcpy strcat sprintf strncpy strtok atoi atol gets localtime
