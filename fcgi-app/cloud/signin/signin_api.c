/* What this feature registers. */
#include "cloud/signin/signin.h"
#include "cloud/signin/signin_factor.h"

void signin_register(void)
{
    signin_register_factor();
}
