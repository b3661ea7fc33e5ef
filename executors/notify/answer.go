package notify

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// answer is what the host said.
type answer struct {
	status int
	retry  string // Retry-After, as it came
	body   string
}

// passing says whether the same message may be taken later.
func (a answer) passing() bool { return a.status == http.StatusTooManyRequests || a.status >= 500 }

// pause is how long the host asks to be left alone, in seconds or as a date (RFC 9110 10.2.3); otherwise d.
func (a answer) pause(now time.Time, d time.Duration) time.Duration {
	text := strings.TrimSpace(a.retry)
	if n, err := strconv.ParseUint(text, 10, 32); err == nil {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0)
	}
	return d
}

// String says what was answered, and the mend where it is known. Slack's own words for what is wrong are shown; any other
// text of an answer may be anything, and is not.
func (a answer) String() string {
	s := fmt.Sprintf("the host answered %d", a.status)
	if w := strings.TrimSpace(a.body); slices.Contains(words(), w) {
		s += " " + w
	}
	switch {
	case a.status >= 300 && a.status < 400:
		s += "; it leads elsewhere, and a webhook is not followed"
	case a.status == http.StatusForbidden, a.status == http.StatusNotFound, a.status == http.StatusGone:
		s += "; if the webhook was taken back, make a new one in Slack and write it into the secrets file"
	case a.status == http.StatusTooManyRequests:
		s += " (too many messages)"
	}
	return s
}

// words are what Slack's webhooks answer with when a message is not taken (Slack's page "Sending messages using incoming
// webhooks", handling errors).
func words() []string {
	return []string{
		"action_prohibited", "channel_is_archived", "channel_not_found", "invalid_payload", "invalid_token", "no_active_hooks", "no_service",
		"no_service_id", "no_team", "no_text", "posting_to_general_channel_denied", "rollup_error", "team_disabled", "too_many_attachments", "user_not_found",
	}
}
