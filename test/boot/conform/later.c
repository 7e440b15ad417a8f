#include "test/boot/conform/conform.h"
void test_tcb(void){} void test_ipc(void){} void test_notification(void){} void test_sched(void){} void test_faults(void){} void test_random(void){}
