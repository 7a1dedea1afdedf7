package monitor

import (
	"cmp"
	"fmt"
	"net/url"
	"os"
	"strings"
)

// CheckEndpoint says why traces and metrics cannot be sent to an address.
func CheckEndpoint(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return fmt.Errorf("%.80q is not the address of a collector, such as http://127.0.0.1:4318", redacted(address))
	case u.User != nil:
		return fmt.Errorf("a user or a password has no place in an address; set OTEL_EXPORTER_OTLP_HEADERS in the environment")
	case u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("%.80q must end with its host or path; what it is to be told by secrets, OTEL_EXPORTER_OTLP_HEADERS tells it", u.Scheme+"://"+u.Host+u.Path)
	case u.Port() == "4317":
		return fmt.Errorf("port 4317 is that of OTLP by gRPC, which is not spoken; OTLP by HTTP has 4318")
	}
	return nil
}

// redacted is an address without what may be a secret in it.
func redacted(address string) string {
	if at := strings.LastIndexByte(address, '@'); at >= 0 {
		return "…" + address[at:]
	}
	return address
}

// endpoint is where a signal, "traces" or "metrics", goes; on is false if it goes
// nowhere. An empty address leaves it to the SDK, which reads the variables too.
func endpoint(configured, signal string) (address string, on bool, err error) {
	upper := strings.ToUpper(signal)
	get := func(name string) string {
		return strings.TrimSpace(cmp.Or(os.Getenv("OTEL_EXPORTER_OTLP_"+upper+"_"+name), os.Getenv("OTEL_EXPORTER_OTLP_"+name)))
	}
	if strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true") {
		return "", false, nil
	}
	variable := "OTEL_" + upper + "_EXPORTER"
	switch which := os.Getenv(variable); which {
	case "", "otlp":
	case "none":
		return "", false, nil
	default:
		return "", false, fmt.Errorf("%s is %.40q, and only otlp and none are known", variable, which)
	}
	fromVariables := get("ENDPOINT")
	if configured == "" && fromVariables == "" {
		return "", false, nil
	}
	if p := get("PROTOCOL"); p != "" && p != "http/protobuf" {
		return "", false, fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL is %.40q, and only http/protobuf is spoken: set that, and the collector's port for it, 4318", p)
	}
	if configured != "" {
		return strings.TrimRight(configured, "/") + "/v1/" + signal, true, nil
	}
	if err := CheckEndpoint(fromVariables); err != nil {
		return "", false, fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT: %w", err)
	}
	return "", true, nil
}
