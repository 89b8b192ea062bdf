/* What the simulator's server and its plugins agree on. One JSON object a line, one reply line for each request line.
 *   request  {"kind":"hypervisor","slot":"guest_start","operation":"…","cancelled":false,"spec":{…}}
 *   reply    {"status":0,"items":[{"item":18,…}],"check_after_ms":0,"reason":"…","text":"…","fault":{"action":"crash"}}
 *   command  {"command":"dump",…}, answered by {"status":0,…}
 * "fault" in a reply is carried out by the plugin, after the effect; the server itself always answers at once. */
#ifndef GURUM_SIMULATOR_PROTOCOL_H
#define GURUM_SIMULATOR_PROTOCOL_H

#define SIMULATOR_LINE_BYTES_MOST (8u << 20)
#define SIMULATOR_DUMP_BYTES_MOST (512u << 20)
#define SIMULATOR_SOCKET_VARIABLE "GURUM_SIMULATOR"

#endif
