package html

import (
	"bytes"
	"html/template"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/benchfile/bench/pipeline/report"
)

// converter is goldmark as it comes: raw HTML and links with dangerous schemes are dropped. Images become links, so that
// no reader's browser asks another server for anything.
var converter = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(goldmark.WithExtensions(extension.GFM),
		goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(unpictured{}, 500))),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(boxes{}, 100))))
})

// unpictured turns images into links with the same words.
type unpictured struct{}

func (unpictured) Transform(doc *ast.Document, _ text.Reader, _ parser.Context) {
	var images []*ast.Image
	// Walk only fails when its visitor does.
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if i, ok := n.(*ast.Image); ok && entering {
			images = append(images, i)
		}
		return ast.WalkContinue, nil
	})
	for _, i := range images {
		link := ast.NewLink()
		link.Destination, link.Title = i.Destination, i.Title
		i.Parent().ReplaceChild(i.Parent(), i, link)
		for c := i.FirstChild(); c != nil; {
			next := c.NextSibling()
			link.AppendChild(link, c)
			c = next
		}
	}
}

// boxes writes the boxes of a list of tasks as the report's own lists have them. An input that can't be used would need a
// label to be understood.
type boxes struct{}

func (boxes) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(east.KindTaskCheckBox, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		box := `<span class="box">☐</span> `
		if c, ok := n.(*east.TaskCheckBox); ok && c.IsChecked {
			box = `<span class="box y">✓</span> `
		}
		if entering {
			_, err := w.WriteString(box)
			return ast.WalkContinue, err
		}
		return ast.WalkContinue, nil
	})
}

// prose renders what people wrote in Markdown.
func prose(source string) template.HTML {
	var b bytes.Buffer
	if err := converter().Convert([]byte(report.Clean(source)), &b); err != nil {
		return template.HTML("<pre>" + template.HTMLEscapeString(source) + "</pre>")
	}
	return template.HTML(b.String())
}
