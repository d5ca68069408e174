/* Linked into every program that is measured: counts go to one place, whatever directory and environment a test gives
 * the programs that it starts. */
extern void __llvm_profile_set_filename(const char *) __attribute__((weak));

__attribute__((constructor(65535))) static void where(void)
{
    if (__llvm_profile_set_filename)
        __llvm_profile_set_filename(WHERE "/%8m.profraw");
}
