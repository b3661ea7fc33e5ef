package benchfile

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/benchfile/bench/pipeline"
)

func TestSmoke(t *testing.T) {
	src, err := os.ReadFile("testdata/good/full.hcl")
	if err != nil {
		t.Fatal(err)
	}
	st, ds := Decode(Source{"full.hcl", src}, Options{})
	var b strings.Builder
	ds.Text(&b, 100, false)
	t.Log(b.String())
	if st == nil {
		t.Fatal("no study")
	}
	for i := range st.Compounds {
		m, k, err := st.Compounds[i].Of(map[string]pipeline.VerdictKind{"arena": "KEEP"})
		t.Log(m, k, err)
	}
	st.Compounds = nil
	j, err := json.MarshalIndent(st, "", " ")
	t.Log(string(j), err)
}
