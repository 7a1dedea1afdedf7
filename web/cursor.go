package web

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"

	"github.com/fleetscore/fleetscore/fleet"
)

// errCursor is what a cursor is that no answer has given out.
var errCursor = errors.New("it must be the next of an answer to the same request")

// sensorCursor is the cursor after a sensor.
func sensorCursor(s fleet.Sensor) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(len(s.Device)) + ":" + s.Device + s.Tag))
}

// parseSensorCursor reads what sensorCursor writes.
func parseSensorCursor(text string) (fleet.Sensor, error) {
	if len(text) > 2*(2*fleet.MaxName+8) {
		return fleet.Sensor{}, errCursor
	}
	data, err := base64.RawURLEncoding.DecodeString(text)
	length, names, _ := strings.Cut(string(data), ":")
	n, numErr := strconv.Atoi(length)
	if err != nil || numErr != nil || n < 0 || n > len(names) {
		return fleet.Sensor{}, errCursor
	}
	s := fleet.Sensor{Device: names[:n], Tag: names[n:]}
	if sensorCursor(s) != text {
		return fleet.Sensor{}, errCursor
	}
	return s, nil
}

// parseCount reads a cursor that is how many were given out; "" is none.
func parseCount(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || strconv.Itoa(n) != text {
		return 0, errCursor
	}
	return n, nil
}

// parseTaskName reads the name of a task, generation-index; the index alone is of
// generation 0, as most tasks are.
func parseTaskName(text string) (generation, index int, err error) {
	if !strings.Contains(text, "-") {
		text = "0-" + text
	}
	g, i, ok := strings.Cut(text, "-")
	generation, err1 := strconv.Atoi(g)
	index, err2 := strconv.Atoi(i)
	if !ok || err1 != nil || err2 != nil || generation < 0 || index < 0 || taskName(generation, index) != text {
		return 0, 0, errors.New("it must be the name of a task, such as 0-12: generation and index; or the index alone, of generation 0")
	}
	return generation, index, nil
}

func taskName(generation, index int) string {
	return strconv.Itoa(generation) + "-" + strconv.Itoa(index)
}
