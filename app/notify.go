package app

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/fleetscore/fleetscore/config"
	"github.com/fleetscore/fleetscore/notify"
)

// makeNotify makes who tells people what happens.
func (a *App) makeNotify() error {
	receivers, err := receiversOf(&a.settings().Notify, a.opt.Version)
	if err != nil {
		return err
	}
	a.notify, err = notify.New(notify.Config{
		Ledger: a.ledger, Fates: fates{a}, Receivers: receivers, Source: a.settings().Notify.Source, Examples: a.settings().Notify.Examples,
		GiveUp: a.settings().Notify.GiveUp.Std(), Log: a.log.With("system", "notify"),
	})
	return err
}

// receiversOf makes the receivers of the settings, with their secrets.
func receiversOf(n *config.Notify, version string) ([]notify.Receiver, error) {
	var all []notify.Receiver
	var errs []error
	add := func(r notify.Receiver, err error) {
		if err != nil {
			errs = append(errs, err)
			return
		}
		all = append(all, r)
	}
	for _, name := range slices.Sorted(maps.Keys(n.Webhooks)) {
		add(webhookOf(name, n.Webhooks[name], version))
	}
	if n.MQTT.Given() {
		add(mqttOf(n.MQTT))
	}
	if n.NATS.Given() {
		add(natsOf(n.NATS))
	}
	if err := errors.Join(errs...); err != nil {
		for i := range all {
			all[i].Destination.Close()
		}
		return nil, err
	}
	return all, nil
}

func webhookOf(name string, w config.Webhook, version string) (r notify.Receiver, err error) {
	at := "notify.webhooks." + name
	cfg := notify.WebhookConfig{Template: w.Template, AllowPrivate: w.AllowPrivate, Version: version}
	if cfg.URL, err = secretOf(at+".url", w.URL, w.URLEnv, w.URLFile); err != nil {
		return r, err
	}
	secret, err := secretOf(at+".secret", "", w.SecretEnv, w.SecretFile)
	if err != nil {
		return r, err
	}
	if secret != "" {
		if cfg.Secret, err = notify.ParseSecret(secret); err != nil {
			return r, fmt.Errorf("%s: %w", at, err)
		}
	}
	r = notify.Receiver{Name: name, Kinds: kindsOf(w.Events), Jobs: w.Jobs, Rate: w.Rate, Timeout: w.Timeout.Std()}
	if r.Destination, err = notify.NewWebhook(cfg); err != nil {
		return r, fmt.Errorf("%s: its URL %w", at, err)
	}
	return r, nil
}

func mqttOf(n config.NotifyMQTT) (r notify.Receiver, err error) {
	cfg := notify.MQTTConfig{Topic: n.Topic, ClientID: "fleetscore-" + strings.ToLower(rand.Text()[:8]), AllowPrivate: n.AllowPrivate}
	if cfg.URL, err = secretOf("notify.mqtt.url", n.URL, n.URLEnv, n.URLFile); err != nil {
		return r, err
	}
	r = notify.Receiver{Name: "mqtt", Kinds: kindsOf(n.Events), Jobs: n.Jobs, Rate: n.Rate}
	if r.Destination, err = notify.NewMQTT(cfg); err != nil {
		return r, fmt.Errorf("notify.mqtt: its URL %w", err)
	}
	return r, nil
}

func natsOf(n config.NotifyNATS) (r notify.Receiver, err error) {
	cfg := notify.NATSConfig{Subject: n.Subject, AllowPrivate: n.AllowPrivate}
	if cfg.URL, err = secretOf("notify.nats.url", n.URL, n.URLEnv, n.URLFile); err != nil {
		return r, err
	}
	r = notify.Receiver{Name: "nats", Kinds: kindsOf(n.Events), Jobs: n.Jobs, Rate: n.Rate}
	if r.Destination, err = notify.NewNATS(cfg); err != nil {
		return r, fmt.Errorf("notify.nats: its URL %w", err)
	}
	return r, nil
}

func kindsOf(texts []string) []notify.Kind {
	kinds := make([]notify.Kind, len(texts))
	for i, text := range texts {
		kinds[i] = notify.Kind(text)
	}
	return kinds
}

// maxSecret is longer than any secret, in bytes.
const maxSecret = 8 << 10

// secretOf is a value of the settings, or what a variable or a file holds that they
// name. setting begins the message: "notify.webhooks.ops.url".
func secretOf(setting, value, variable, file string) (string, error) {
	switch {
	case variable != "":
		value = strings.TrimSpace(os.Getenv(variable))
		if value == "" {
			return "", fmt.Errorf("%s_env: the variable %s is not set; put it into the environment, or into .env beside the settings", setting, variable)
		}
	case file != "":
		f, err := os.Open(file)
		if err != nil {
			return "", fmt.Errorf("%s_file: %w", setting, err)
		}
		defer f.Close()
		text, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
		if err != nil {
			return "", fmt.Errorf("%s_file: %w", setting, err)
		}
		value = strings.TrimSpace(string(text))
		if value == "" || len(text) > maxSecret {
			return "", fmt.Errorf("%s_file: %s is empty, or longer than %d bytes", setting, file, maxSecret)
		}
	}
	return value, nil
}

// checkNotify checks what of the receivers the settings themselves say.
func checkNotify(n *config.Notify, add func(string, error)) {
	for name, w := range n.Webhooks {
		at := "notify.webhooks." + name
		checkURL(at+".url", w.URL, w.AllowPrivate, notify.CheckWebhookURL, add)
		checkEvents(at, w.Events, w.Jobs, add)
	}
	checkURL("notify.mqtt.url", n.MQTT.URL, n.MQTT.AllowPrivate, notify.CheckMQTTURL, add)
	checkEvents("notify.mqtt", n.MQTT.Events, n.MQTT.Jobs, add)
	add("notify.mqtt.topic", notify.CheckTopic(n.MQTT.Topic))
	checkURL("notify.nats.url", n.NATS.URL, n.NATS.AllowPrivate, notify.CheckNATSURL, add)
	checkEvents("notify.nats", n.NATS.Events, n.NATS.Jobs, add)
	add("notify.nats.subject", notify.CheckSubject(n.NATS.Subject))
}

func checkURL(at, text string, private bool, check func(string, bool) error, add func(string, error)) {
	if text == "" {
		return
	}
	if u, err := url.Parse(text); err == nil && u.User != nil {
		add(at, errors.New("has a user or a password, which settings are no place for; use url_env or url_file"))
		return
	}
	add(at, check(text, private))
}

func checkEvents(at string, events, jobs []string, add func(string, error)) {
	for i, text := range events {
		add(fmt.Sprintf("%s.events[%d]", at, i), notify.CheckKind(text))
	}
	for i, text := range jobs {
		if text == "" {
			add(fmt.Sprintf("%s.jobs[%d]", at, i), errors.New("is empty; * is all jobs"))
		}
	}
}
