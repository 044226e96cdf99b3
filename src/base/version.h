/* The version of the program; meson.build says the same and a test compares them. */
#pragma once

#define SHUREN_VERSION "0.1.0"
