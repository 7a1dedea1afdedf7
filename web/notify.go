package web

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fleetscore/fleetscore/internal/counted"
	"github.com/fleetscore/fleetscore/ledger"
)

// Notifier tells receivers what happens.
type Notifier interface {
	Receivers(ctx context.Context) ([]Receiver, error)
	// TestReceiver sends one event, at once and once, and says why it was not
	// delivered; "": it was.
	TestReceiver(ctx context.Context, name string) (refusal string, err error)
	// RetryMessages has messages sent again at once, that were given up or wait for
	// their next attempt: one, or all if id is empty.
	RetryMessages(ctx context.Context, receiver, id string) (int, error)
}

// Receiver is who is told of events, and how that goes.
type Receiver struct {
	Name      string    `json:"name"`
	Where     string    `json:"where" doc:"how it is told, and where it is, without what is secret"`
	Events    []string  `json:"events" nullable:"false" doc:"that it is told of; none: all"`
	Jobs      []string  `json:"jobs" nullable:"false" doc:"patterns of jobs whose events it is told of; none: all"`
	Rate      int       `json:"rate,omitempty" doc:"events an hour at most; none: no limit"`
	Waiting   int       `json:"waiting" doc:"events that are not delivered yet"`
	Held      int       `json:"held" doc:"events over the rate, that one will sum up"`
	Dead      int       `json:"dead" doc:"events that were given up"`
	Oldest    time.Time `json:"oldest,omitzero" doc:"when the oldest was made that waits or is held"`
	Delivered uint64    `json:"delivered" doc:"events, since the service has started"`
	Failed    uint64    `json:"failed" doc:"attempts, since the service has started"`
	Last      time.Time `json:"last,omitzero" doc:"when an event was delivered last, since the service has started"`
	Error     string    `json:"error,omitempty" doc:"of the last attempt, if that failed"`
}

// ReceiverList is all receivers.
type ReceiverList struct {
	Receivers []Receiver `json:"receivers" nullable:"false"`
}

// Message is an event for one receiver that has not been delivered.
type Message struct {
	Seq      int64     `json:"seq"`
	Receiver string    `json:"receiver"`
	ID       string    `json:"id" doc:"of the event"`
	Event    string    `json:"event" doc:"such as run.failed"`
	Subject  string    `json:"subject" doc:"such as the job and interval"`
	State    string    `json:"state" enum:"waiting,held,dead"`
	Created  time.Time `json:"created"`
	Due      time.Time `json:"due" doc:"when it is tried next"`
	Attempts int       `json:"attempts"`
	Error    string    `json:"error,omitempty" doc:"of the last attempt"`
}

// MessageList is events that have not been delivered, the oldest first.
type MessageList struct {
	Messages []Message `json:"messages" nullable:"false"`
	Next     int64     `json:"next,omitempty" doc:"there may be more: ask with after set to it"`
}

// Tested is what a receiver has answered to a test.
type Tested struct {
	Delivered bool   `json:"delivered"`
	Error     string `json:"error,omitempty"`
}

// RetryMessagesRequest says which messages are sent again.
type RetryMessagesRequest struct {
	ID string `json:"id,omitempty" maxLength:"1024" doc:"of the event; without it: all"`
}

// RetriedMessages is how many messages are sent again.
type RetriedMessages struct {
	Messages int `json:"messages"`
}

// ReceiverParam is the receiver in a path. It is exported for huma to see it in other
// structs.
type ReceiverParam struct {
	Receiver string `path:"receiver" maxLength:"63" pattern:"^[a-z0-9][a-z0-9._-]*$" doc:"name of a receiver"`
}

type listMessagesInput struct {
	Receiver string `query:"receiver" maxLength:"63"`
	State    string `query:"state" enum:"waiting,held,dead"`
	After    int64  `query:"after" minimum:"0" doc:"the next of an answer"`
	Limit    int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type retryMessagesInput struct {
	ReceiverParam
	Body *RetryMessagesRequest
}

func (s *Server) notifyOperations(api huma.API) {
	register(s, api, operation{id: "list-receivers", at: "GET " + base + "/notify/receivers", tag: "notify", role: Viewer, summary: "Who is told of events, and how that goes"}, s.listReceivers)
	register(s, api, operation{id: "list-messages", at: "GET " + base + "/notify/messages", tag: "notify", role: Viewer, summary: "Events that have not been delivered, the oldest first"}, s.listMessages)
	register(s, api, operation{id: "test-receiver", at: "POST " + base + "/notify/receivers/{receiver}/test", tag: "notify", role: Operator, summary: "Send a receiver one event, at once and once"}, s.testReceiver)
	register(s, api, operation{id: "retry-messages", at: "POST " + base + "/notify/receivers/{receiver}/retry", tag: "notify", role: Operator, summary: "Send events at once that were given up, or wait for their next attempt"}, s.retryMessages)
	s.muteOperations(api)
}

func (s *Server) listReceivers(ctx context.Context, _ *struct{}) (ReceiverList, error) {
	all, err := s.cfg.Notify.Receivers(ctx)
	if err != nil {
		return ReceiverList{}, fmt.Errorf("listing receivers: %w", err)
	}
	return ReceiverList{Receivers: append([]Receiver{}, all...)}, nil
}

func (s *Server) listMessages(ctx context.Context, in *listMessagesInput) (MessageList, error) {
	all, err := s.cfg.Ledger.Messages(ctx, ledger.MessageFilter{Receiver: in.Receiver, State: ledger.MessageState(in.State), After: in.After, Limit: in.Limit})
	if err != nil {
		return MessageList{}, fmt.Errorf("listing messages: %w", err)
	}
	list := MessageList{Messages: make([]Message, 0, len(all))}
	for _, m := range all {
		list.Messages = append(list.Messages, Message{
			Seq: m.Seq, Receiver: m.Receiver, ID: m.ID, Event: m.Type, Subject: m.Subject, State: string(m.State),
			Created: m.Created, Due: m.Due, Attempts: m.Attempts, Error: m.Error,
		})
	}
	if len(all) == in.Limit {
		list.Next = all[len(all)-1].Seq
	}
	return list, nil
}

func (s *Server) testReceiver(ctx context.Context, in *ReceiverParam) (Tested, error) {
	refusal, err := s.cfg.Notify.TestReceiver(ctx, in.Receiver)
	if err != nil {
		return Tested{}, noReceiver(in.Receiver, err)
	}
	tested, detail := Tested{Delivered: refusal == "", Error: refusal}, "delivered"
	if refusal != "" {
		detail = "not delivered"
	}
	s.note(ctx, "notify.test", in.Receiver, detail)
	return tested, nil
}

func (s *Server) retryMessages(ctx context.Context, in *retryMessagesInput) (RetriedMessages, error) {
	id := ""
	if in.Body != nil {
		id = in.Body.ID
	}
	n, err := s.cfg.Notify.RetryMessages(ctx, in.Receiver, id)
	if err != nil {
		return RetriedMessages{}, noReceiver(in.Receiver, err)
	}
	if n == 0 && id != "" {
		return RetriedMessages{}, missing("there is no event "+id+" to send to "+in.Receiver, "fleetscore notify messages shows what there is")
	}
	if n > 0 {
		s.note(ctx, "notify.retry", in.Receiver, counted.Of(n, "message"))
	}
	return RetriedMessages{Messages: n}, nil
}

// noReceiver is what is told of an error with a receiver.
func noReceiver(name string, err error) error {
	if errors.Is(err, ErrNotFound) {
		return missing("there is no receiver "+name, "fleetscore notify list shows what there is")
	}
	return fmt.Errorf("receiver %s: %w", name, err)
}
