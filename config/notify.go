package config

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/fleetscore/fleetscore/fleet"
)

// Notify is who is told of what happens.
type Notify struct {
	Webhooks map[string]Webhook `json:"webhooks,omitempty" doc:"receivers by HTTP, by name"`
	MQTT     NotifyMQTT         `json:"mqtt" doc:"a broker to which events are published, with quality of service 1; its receiver is called mqtt"`
	NATS     NotifyNATS         `json:"nats" doc:"a server to which events are published; its receiver is called nats"`
	Source   string             `json:"source" default:"/fleetscore" doc:"what events say they come from, a URI reference; give each deployment its own"`
	Examples int                `json:"examples" default:"10" minimum:"0" maximum:"50" doc:"sensors that an event names at most, of each cause"`
	GiveUp   Duration           `json:"give_up" default:"3d" doc:"how long an event is sent again that was not confirmed"`
}

// Webhook is a receiver of events by HTTP.
type Webhook struct {
	URL          string   `json:"url,omitempty" doc:"where events are posted, https; one of url, url_env and url_file. The URL of Slack or Teams is a secret: not here"`
	URLEnv       string   `json:"url_env,omitempty" doc:"variable of the environment, or of .env, that holds the URL"`
	URLFile      string   `json:"url_file,omitempty" doc:"file that holds the URL"`
	SecretEnv    string   `json:"secret_env,omitempty" doc:"variable that holds the key by which messages are signed: base64 of 24 to 64 bytes; none: they are not signed"`
	SecretFile   string   `json:"secret_file,omitempty" doc:"file that holds that key"`
	Template     string   `json:"template" default:"cloudevents" enum:"cloudevents,slack,teams" doc:"what is sent: the event as it is, or a message for people"`
	Events       []string `json:"events,omitempty" doc:"events that it is told of: run.finished, run.failed, run.canceled, sensors.not_scored, anomalies.found, formula.failing, formula.works, node.failed; none: all"`
	Jobs         []string `json:"jobs,omitempty" doc:"jobs whose events it is told of, with * and ?; none: all"`
	Rate         int      `json:"rate" default:"0" minimum:"0" maximum:"1000000" doc:"events an hour that it is told of at most; the rest is summed up in one; 0: no limit"`
	Timeout      Duration `json:"timeout" default:"10s" maximum:"1m" doc:"how long an answer may take"`
	AllowPrivate bool     `json:"allow_private" default:"false" doc:"it may be at a private or loopback address, and without TLS"`
}

// NotifyMQTT is an MQTT broker that is told of events.
type NotifyMQTT struct {
	URL          string   `json:"url,omitempty" doc:"such as mqtts://broker.example; with a user and password it is a secret: not here. None of url, url_env and url_file: there is no broker"`
	URLEnv       string   `json:"url_env,omitempty" doc:"variable that holds the URL"`
	URLFile      string   `json:"url_file,omitempty" doc:"file that holds the URL"`
	Topic        string   `json:"topic" default:"fleetscore/events/{type}/{job}" doc:"topic, with {type} and {job}, the job or what else the event is of"`
	Events       []string `json:"events,omitempty" doc:"as of webhooks"`
	Jobs         []string `json:"jobs,omitempty" doc:"as of webhooks"`
	Rate         int      `json:"rate" default:"0" minimum:"0" maximum:"1000000" doc:"as of webhooks"`
	AllowPrivate bool     `json:"allow_private" default:"false" doc:"as of webhooks; then mqtt:// is allowed"`
}

// NotifyNATS is a NATS server that is told of events.
type NotifyNATS struct {
	URL          string   `json:"url,omitempty" doc:"such as tls://nats.example; with a user and password it is a secret: not here. None of url, url_env and url_file: there is no server"`
	URLEnv       string   `json:"url_env,omitempty" doc:"variable that holds the URL"`
	URLFile      string   `json:"url_file,omitempty" doc:"file that holds the URL"`
	Subject      string   `json:"subject" default:"fleetscore.events.{type}.{job}" doc:"subject, with {type} and {job}, the job or what else the event is of"`
	Events       []string `json:"events,omitempty" doc:"as of webhooks"`
	Jobs         []string `json:"jobs,omitempty" doc:"as of webhooks"`
	Rate         int      `json:"rate" default:"0" minimum:"0" maximum:"1000000" doc:"as of webhooks"`
	AllowPrivate bool     `json:"allow_private" default:"false" doc:"as of webhooks; then nats:// is allowed"`
}

// Given reports whether there is a broker.
func (n NotifyMQTT) Given() bool { return n.URL+n.URLEnv+n.URLFile != "" }

// Given reports whether there is a server.
func (n NotifyNATS) Given() bool { return n.URL+n.URLEnv+n.URLFile != "" }

// SecretNames are the variables of the environment that hold secrets of receivers.
func (n Notify) SecretNames() []string {
	names := []string{n.MQTT.URLEnv, n.NATS.URLEnv}
	for _, w := range n.Webhooks {
		names = append(names, w.URLEnv, w.SecretEnv)
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}

// resolve makes the paths of files with secrets absolute.
func (n *Notify) resolve(absolute func(string) string) {
	n.MQTT.URLFile, n.NATS.URLFile = absolute(n.MQTT.URLFile), absolute(n.NATS.URLFile)
	for name, w := range n.Webhooks {
		w.URLFile, w.SecretFile = absolute(w.URLFile), absolute(w.SecretFile)
		n.Webhooks[name] = w
	}
}

func (n Notify) check(f *File, add func(string, error)) {
	outside := func(path, file string) {
		if file != "" && f.inStore(file) {
			add(path, errors.New("is in the store, where jobs could read it; choose a file outside it"))
		}
	}
	outside("notify.mqtt.url_file", n.MQTT.URLFile)
	outside("notify.nats.url_file", n.NATS.URLFile)
	for _, name := range slices.Sorted(maps.Keys(n.Webhooks)) {
		w, at := n.Webhooks[name], "notify.webhooks."+shown(name)
		switch {
		case fleet.CheckJobName(name) != nil:
			add(at, fmt.Errorf("the name %.80q of a receiver may have 1 to 63 characters: a-z, 0-9, and after the first - _ . (not at the end)", name))
		case name == "mqtt" || name == "nats":
			add(at, fmt.Errorf("%s is the name of another receiver", name))
		}
		add(at, source("url", w.URL, w.URLEnv, w.URLFile, true))
		add(at, source("secret", "", w.SecretEnv, w.SecretFile, false))
		outside(at+".url_file", w.URLFile)
		outside(at+".secret_file", w.SecretFile)
		checkVariable(at+".url_env", w.URLEnv, add)
		checkVariable(at+".secret_env", w.SecretEnv, add)
		if w.Timeout == 0 {
			add(at+".timeout", errors.New("must be longer than 0"))
		}
	}
	add("notify.mqtt", source("url", n.MQTT.URL, n.MQTT.URLEnv, n.MQTT.URLFile, false))
	add("notify.nats", source("url", n.NATS.URL, n.NATS.URLEnv, n.NATS.URLFile, false))
	checkVariable("notify.mqtt.url_env", n.MQTT.URLEnv, add)
	checkVariable("notify.nats.url_env", n.NATS.URLEnv, add)
	if n.Source == "" || strings.ContainsAny(n.Source, " <>\"{}|\\^`") {
		add("notify.source", fmt.Errorf("%.60q is not a URI reference such as /fleetscore/plant-7", n.Source))
	}
	if n.GiveUp == 0 {
		add("notify.give_up", errors.New("must be longer than 0"))
	}
}

// source is what is wrong with where a value comes from: at most one of three, or
// exactly one.
func source(what, value, variable, file string, needed bool) error {
	given := 0
	for _, v := range []string{value, variable, file} {
		if v != "" {
			given++
		}
	}
	switch {
	case given > 1:
		return fmt.Errorf("only one of %s can be given", sources(what))
	case given == 0 && needed:
		return fmt.Errorf("one of %s is needed", sources(what))
	}
	return nil
}

func sources(what string) string {
	if what == "secret" {
		return "secret_env and secret_file"
	}
	return "url, url_env and url_file"
}

// checkVariable refuses what cannot be the name of a variable for a secret.
func checkVariable(path, name string, add func(string, error)) {
	if name == "" {
		return
	}
	if !regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,199}$`).MatchString(name) {
		add(path, errors.New("is not the name of a variable; it names one, and does not hold the secret")) // which it may be, and so is not shown
	} else if strings.HasPrefix(name, prefix) {
		add(path, fmt.Errorf("cannot begin with %s: variables that do are settings", prefix))
	}
}
