#include "test/boot/conform/conform.h"
void test_random(void){}
