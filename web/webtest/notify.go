package webtest

import (
	"context"

	"github.com/fleetscore/fleetscore/web"
)

// Notify has two receivers: ops, who confirms, and chat, who does not.
type Notify struct{}

// Receivers implements web.Notifier.
func (Notify) Receivers(context.Context) ([]web.Receiver, error) {
	return []web.Receiver{
		{Name: "ops", Where: "webhook (cloudevents) ops.example", Events: []string{"run.failed"}, Jobs: []string{}, Delivered: 3, Last: Noon()},
		{Name: "chat", Where: "webhook (slack) hooks.slack.com", Events: []string{}, Jobs: []string{"hourly"}, Rate: 60, Waiting: 1, Dead: 1, Oldest: Noon(), Failed: 2, Error: "500"},
	}, nil
}

// TestReceiver implements web.Notifier.
func (Notify) TestReceiver(_ context.Context, name string) (refusal string, err error) {
	switch name {
	case "ops":
		return "", nil
	case "chat":
		return "it answered 500", nil
	}
	return "", web.ErrNotFound
}

// RetryMessages implements web.Notifier.
func (Notify) RetryMessages(_ context.Context, receiver, id string) (int, error) {
	switch {
	case receiver != "ops" && receiver != "chat":
		return 0, web.ErrNotFound
	case id == "" && receiver == "chat" || id == "given-up":
		return 1, nil
	}
	return 0, nil
}
