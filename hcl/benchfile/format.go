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
	text := bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
	text = bytes.TrimRight(text, " \t\n")
	if len(text) == 0 {
		return nil, d.finish()
	}
	// With the newline in place before, white space at the end of the last line is treated like that of any other.
	out := hclwrite.Format(append(text, '\n'))
	return out, d.finish()
}
