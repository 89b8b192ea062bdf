"""What tests tell the room `contract`: that the effect of a command's parameters was asserted. It reads the same file in which a cloud
notes its answers (fcgi-app/api/record.c). Call it after the assertion, never before."""
import json, os


def asserted(command, *parameters):
    """The effect of these parameters of the command was just seen: asserted("listUsers", "page", "pagesize")."""
    path = os.environ.get("GURUM_COVERAGE_FILE")
    if path:
        line = json.dumps({"asserted": command, "parameters": [each.lower() for each in parameters]}) + "\n"
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)
