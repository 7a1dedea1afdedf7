package app

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/fleetscore/fleetscore/notify"
	"github.com/fleetscore/fleetscore/web"
)

// notifier is who tells people, as the API shows it.
type notifier struct{ *notify.Service }

var _ web.Notifier = notifier{}

// Receivers implements web.Notifier.
func (n notifier) Receivers(ctx context.Context) ([]web.Receiver, error) {
	all, err := n.Status(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]web.Receiver, len(all))
	for i := range all {
		s := &all[i]
		list[i] = web.Receiver{
			Name: s.Name, Where: s.Where, Events: []string{}, Jobs: append([]string{}, s.Jobs...), Rate: s.Rate,
			Waiting: s.Waiting, Held: s.Held, Dead: s.Dead, Oldest: s.Oldest, Delivered: s.Delivered, Failed: s.Failed, Last: s.Last, Error: s.Error,
		}
		for _, kind := range s.Kinds {
			list[i].Events = append(list[i].Events, string(kind))
		}
	}
	return list, nil
}

// TestReceiver implements web.Notifier.
func (n notifier) TestReceiver(ctx context.Context, name string) (refusal string, err error) {
	refused, err := n.Test(ctx, name)
	if errors.Is(err, notify.ErrNoReceiver) {
		err = kindOf{err, web.ErrNotFound}
	}
	return refused, err
}

// RetryMessages implements web.Notifier.
func (n notifier) RetryMessages(ctx context.Context, receiver, id string) (int, error) {
	count, err := n.Retry(ctx, receiver, id)
	if errors.Is(err, notify.ErrNoReceiver) {
		return 0, kindOf{err, web.ErrNotFound}
	}
	return count, err
}

// notifyMeter tells Prometheus how telling people goes.
type notifyMeter struct {
	status func(context.Context) ([]notify.Status, error)

	delivered, failed, givenUp, waiting, age *prometheus.Desc
}

func newNotifyMeter(status func(context.Context) ([]notify.Status, error)) *notifyMeter {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("fleetscore_notify_"+name, help, append([]string{"receiver"}, labels...), nil)
	}
	return &notifyMeter{
		status:    status,
		delivered: desc("delivered_total", "Events that receivers have confirmed."),
		failed:    desc("failures_total", "Attempts to deliver an event that failed."),
		givenUp:   desc("given_up_total", "Events that were given up."),
		waiting:   desc("messages", "Events that are not delivered: that wait, are held as there are too many, or were given up (dead).", "state"),
		age:       desc("oldest_seconds", "Age of the oldest event that waits or is held; 0: none does."),
	}
}

// Describe is for prometheus.
func (m *notifyMeter) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.delivered, m.failed, m.givenUp, m.waiting, m.age} {
		ch <- d
	}
}

// Collect is for prometheus.
func (m *notifyMeter) Collect(ch chan<- prometheus.Metric) {
	ctx, stop := context.WithTimeout(context.Background(), meterTimeout)
	defer stop()
	all, err := m.status(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(m.waiting, err)
		return
	}
	o := observer{ch}
	for i := range all {
		s := &all[i]
		o.counter(m.delivered, float64(s.Delivered), s.Name)
		o.counter(m.failed, float64(s.Failed), s.Name)
		o.counter(m.givenUp, float64(s.GivenUp), s.Name)
		o.gauge(m.waiting, float64(s.Waiting), s.Name, "waiting")
		o.gauge(m.waiting, float64(s.Held), s.Name, "held")
		o.gauge(m.waiting, float64(s.Dead), s.Name, "dead")
		o.gauge(m.age, s.Age.Seconds(), s.Name)
	}
}
