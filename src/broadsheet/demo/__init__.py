"""An invented press on loopback, to show the whole thing with no network: see `broadsheet.demo.run`."""
