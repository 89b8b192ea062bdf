/* The stream role. */
#include "roles.h"

#include "stream/stream.h"

bool role_stream(struct app *app, const struct invocation *invocation, struct error *err)
{
    (void)invocation;
    return stream_run(&app->config, err);
}

void role_stream_stop(void)
{
    stream_stop();
}
