/* What this feature registers. */
#include "cloud/signin/signin.h"
#include "cloud/signin/signin_factor.h"
#include "cloud/signin/signin_reset.h"

void signin_register(void)
{
    signin_register_factor();
    signin_register_reset();
}
