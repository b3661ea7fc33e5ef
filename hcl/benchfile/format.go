package benchfile

import (
	"bytes"

	"github.com/hashicorp/hcl/v2/hclwrite"
)

// Format lays a Benchfile out the way everybody's is: indents of two, equal signs of neighbouring lines below one
// another, one newline at the end. It changes white space only, and gives back what it was given when that is no HCL.
func Format(src []byte) ([]byte, Diagnostics) {
	source := Source{Name: "benchfile.hcl", Bytes: src}
	d := newDecoder(source, Options{})
	if d.parse(source) == nil {
		return src, d.finish()
	}
	out := hclwrite.Format(bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n")))
	out = append(bytes.TrimRight(out, "\n"), '\n')
	if len(bytes.TrimSpace(out)) == 0 {
		out = nil
	}
	return out, d.finish()
}
