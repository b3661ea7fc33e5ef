package html

import (
	"bytes"
	"html/template"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"github.com/benchfile/bench/pipeline/report"
)

// converter is goldmark as it comes: raw HTML and links with dangerous schemes are dropped.
var converter = sync.OnceValue(func() goldmark.Markdown { return goldmark.New(goldmark.WithExtensions(extension.GFM)) })

// prose renders what people wrote in Markdown. Images are not loaded from elsewhere: the page's policy forbids it.
func prose(text string) template.HTML {
	var b bytes.Buffer
	if err := converter().Convert([]byte(report.Clean(text)), &b); err != nil {
		return template.HTML("<pre>" + template.HTMLEscapeString(text) + "</pre>")
	}
	return template.HTML(b.String())
}
