"""Writes a C program that prints the size and the offsets of every structure of the SDK's headers, the numbers of its
enumerations and bits, and the order of slots; the headers are given as arguments. The compiler, not this script, knows the numbers."""
import re
import sys
from pathlib import Path

print("#include <inttypes.h>\n#include <stdio.h>")
for name in sys.argv[1:]:
    print(f'#include "{Path(name).name}"')
print("int main(void) {")
for name in sys.argv[1:]:
    text = re.sub(r"/\*.*?\*/", "", Path(name).read_text(), flags=re.S)
    print(f'    puts("# {Path(name).name}");')
    for constant in re.findall(r"^#define (GURUM_\w+) \(?UINT64_C", text, re.M):
        print(f'    printf("bit {constant} 0x%" PRIx64 "\\n", (uint64_t){constant});')
    for constant in re.findall(r"^#define (GURUM_ABI_\w+) \d", text, re.M):
        print(f'    printf("number {constant} %d\\n", {constant});')
    for enumeration, body in re.findall(r"enum (\w+) \{([^}]*)\}", text):
        for member in re.findall(r"^\s*(GURUM_\w+)\s*=|[,{]\s*(GURUM_\w+)\s*=", "\n" + body.replace(",", ",\n"), re.M):
            member = member[0] or member[1]
            print(f'    printf("enum {enumeration} {member} %d\\n", (int){member});')
    for structure, body in re.findall(r"struct (\w+) \{(.*?)\n\};", text, re.S):
        print(f'    printf("struct {structure} %zu\\n", sizeof(struct {structure}));')
        for field in body.split(";"):
            found = re.search(r"\(\*(\w+)\)", field) or re.search(r"(\w+)\s*(?:\[\d+\])?\s*$", field)
            if found:
                member = found.group(1)
                print(f'    printf("  %zu %zu {member}\\n", offsetof(struct {structure}, {member}),'
                      f" sizeof(((struct {structure} *)0)->{member}));")
print('#define STATUS(name, number, recovery, api_code, meaning) printf("status %s %d %s %d\\n", #name, number, #recovery, api_code);')
print("    GURUM_STATUS_LIST(STATUS)")
print('#define KIND(name, number, text) printf("kind %s %d %s\\n", #name, number, text);')
print("    GURUM_KIND_LIST(KIND)")
for kind in ("HYPERVISOR", "STORAGE", "IMAGE_STORE", "NETWORK", "HOST_ALLOCATOR", "STORAGE_ALLOCATOR"):
    table = f"struct gurum_{kind.lower()}_operations"
    print(f'#define {kind}_SLOT(slot, spec, need) printf("slot {kind.lower()} %zu %s %s 0x%" PRIx64 "\\n",'
          f" offsetof({table}, slot), #slot, #spec, (uint64_t)(need));")
    print(f"    GURUM_{kind}_SLOTS({kind}_SLOT)")
print("    return 0;\n}")
