package notify

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText is how many characters a message has at most, as sent: with & < > escaped. Slack shows no more of a text.
const maxText = 3000

// payload is the body of a message. Everything in a message is data: nothing in it is markup, a mention, or a page to be
// looked at.
func payload(text string) ([]byte, error) {
	return json.Marshal(struct {
		Text   string `json:"text"`
		Mrkdwn bool   `json:"mrkdwn"`
		Links  bool   `json:"unfurl_links"`
		Media  bool   `json:"unfurl_media"`
	}{Text: data(text)})
}

// data escapes a text as Slack asks (& < > and nothing else), drops control characters but line ends and tabs, and cuts
// it to maxText characters, saying how many are left out.
func data(text string) string {
	var b strings.Builder
	n := 0           // characters in b
	fits, at := 0, 0 // bytes of b and characters of the text that leave room for the note
	seen := 0
	const room = 40 // for the note: "\n… 123456789 more characters"
	for _, c := range strings.ToValidUTF8(text, "\uFFFD") {
		if unicode.IsControl(c) && c != '\n' && c != '\t' {
			continue
		}
		s := escape(c)
		seen++
		if n += utf8.RuneCountInString(s); n > maxText {
			continue // goes on only to count
		}
		b.WriteString(s)
		if n <= maxText-room {
			fits, at = b.Len(), seen
		}
	}
	if n <= maxText {
		return b.String()
	}
	return b.String()[:fits] + fmt.Sprintf("\n… %d more characters", seen-at)
}

func escape(c rune) string {
	switch c {
	case '&':
		return "&amp;"
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	}
	return string(c)
}
