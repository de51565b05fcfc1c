"""Does docs/faults.md have every fault that there is, with what it can be given?"""

import json
import subprocess

from document import BINARY, Document, codes

PAGE = Document("docs/faults.md")


def test_the_table_has_them_all():
    listed = json.loads(
        subprocess.run(
            [BINARY, "list", "faults", "--format", "json"], check=True, capture_output=True, text=True
        ).stdout
    )
    shown = [
        {
            "name": codes(name)[0],
            "layer": layer,
            "parameters": ", ".join(part.strip().replace("`", "") for part in parameters.split(",")),
            "what": what,
        }
        for name, layer, parameters, what in PAGE.table("fault", "layer", "parameters", "what goes wrong")
    ]
    assert shown == listed
