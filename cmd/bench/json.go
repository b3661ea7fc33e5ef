package main

import (
	"encoding/json"
	"fmt"
)

// schemaVersion is that of everything that --json writes.
const schemaVersion = 1

// emit writes one JSON value on a line of stdout: {"schema":1,"type":…,"data":…}.
func (a *app) emit(kind string, data any) {
	b, err := json.Marshal(struct {
		Schema int    `json:"schema"`
		Type   string `json:"type"`
		Data   any    `json:"data"`
	}{schemaVersion, kind, data})
	if err != nil {
		fmt.Fprintf(a.err, "bench: error: write %s as JSON: %v\n", kind, err)
		return
	}
	fmt.Fprintf(a.out, "%s\n", b)
}
