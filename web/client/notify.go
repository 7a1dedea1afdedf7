package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/fleetscore/fleetscore/web"
)

// Receivers lists who is told of events, and how that goes.
func (c *Client) Receivers(ctx context.Context) (*web.ReceiverList, error) {
	return get[web.ReceiverList](ctx, c, at("notify", "receivers"), nil)
}

// MessageQuery chooses messages. What is zero does not matter.
type MessageQuery struct {
	Receiver, State string
	After           int64
	Limit           int
}

// Messages lists events that have not been delivered, the oldest first.
func (c *Client) Messages(ctx context.Context, m MessageQuery) (*web.MessageList, error) {
	q := query{}
	q.text("receiver", m.Receiver)
	q.text("state", m.State)
	q.number("after", m.After)
	q.number("limit", int64(m.Limit))
	return get[web.MessageList](ctx, c, at("notify", "messages"), url.Values(q))
}

// TestReceiver has one event sent to a receiver, at once and once.
func (c *Client) TestReceiver(ctx context.Context, name string) (*web.Tested, error) {
	return post[web.Tested](ctx, c, at("notify", "receivers", name, "test"), nil)
}

// RetryMessages has events sent at once that were given up or wait: one, or all if id
// is empty.
func (c *Client) RetryMessages(ctx context.Context, receiver, id string) (*web.RetriedMessages, error) {
	return post[web.RetriedMessages](ctx, c, at("notify", "receivers", receiver, "retry"), web.RetryMessagesRequest{ID: id})
}

// Mutes lists the sensors that nobody is told of.
func (c *Client) Mutes(ctx context.Context) (*web.MuteList, error) {
	return get[web.MuteList](ctx, c, at("mutes"), nil)
}

// AddMute mutes or acknowledges sensors.
func (c *Client) AddMute(ctx context.Context, r web.MuteRequest) (*web.Mute, error) {
	return post[web.Mute](ctx, c, at("mutes"), r)
}

// RemoveMute ends a mute or an acknowledgement.
func (c *Client) RemoveMute(ctx context.Context, id string) (*web.Mute, error) {
	return call[web.Mute](ctx, c, http.MethodDelete, at("mutes", id), nil, nil)
}
