package schedule

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/netresearch/go-cron"
)

// field is a part of a cron expression: how it is called, and what may be in it.
type field struct {
	name     string
	min, max int
	examples string
}

func (f field) explain() string {
	return fmt.Sprintf("a %s is %d to %d, such as %s", f.name, f.min, f.max, f.examples)
}

func fields() [6]field {
	return [6]field{
		{"second", 0, 59, "0, 0,30 or */10"},
		{"minute", 0, 59, "0, 5,35, 10-20 or */15"},
		{"hour", 0, 23, "6, 6,18, 8-17 or */2"},
		{"day of the month", 1, 31, "1, 1,15, 10-20, */2 or L for the last"},
		{"month", 1, 12, "1, JAN, 3-5 or */3"},
		{"day of the week", 0, 7, "0 or SUN, 1-5, MON,FRI or FRI#L for the month's last"},
	}
}

// parseCron reads an expression of five or six fields. Reading them is go-cron's;
// the checks before it are of what that lets through: an empty list, which matches
// nothing; a range from beyond its field's end; -5 after a star; and steps over
// weekdays for which Sunday counts twice, being 0 and 7.
func parseCron(expression string, zone *time.Location) (*cronTable, error) {
	parts := strings.Fields(expression)
	switch len(parts) {
	case 5:
		parts = append([]string{"0"}, parts...)
	case 6:
	default:
		return nil, fmt.Errorf("it has %d fields; cron has 5 (minute, hour, day of the month, month, day of the week), or 6 with seconds first", len(parts))
	}
	parser := cron.MustNewParser(cron.Second | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Extended).WithMaxSearchYears(maxYears)
	var problems []error
	for i, f := range fields() {
		if err := f.check(parts[i]); err != nil {
			problems = append(problems, err)
			continue
		}
		alone := []string{"*", "*", "*", "*", "*", "*"}
		alone[i] = parts[i]
		if _, err := parser.Parse(strings.Join(alone, " ")); err != nil {
			problems = append(problems, fmt.Errorf("%s %q: %s (%w)", f.name, parts[i], f.explain(), err))
		}
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	parsed, err := parser.Parse(strings.Join(parts, " "))
	if err != nil {
		return nil, err
	}
	days, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, errors.New("it is not a cron expression")
	}
	// The expression is matched against a clock face, which has no zone.
	days.Location = time.UTC
	days.DowOrDom = !isStar(parts[3]) && !isStar(parts[5])
	const everyHour = 1<<24 - 1
	table := &cronTable{face: days, zone: zone, repeats: isStar(parts[1]) || isStar(parts[2]) || days.Hour&everyHour == everyHour}
	if days.Next(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, fmt.Errorf("it never comes: month %s has no day %s that is also weekday %s", parts[4], parts[3], parts[5])
	}
	return table, nil
}

func isStar(s string) bool { return s[0] == '*' || s[0] == '?' }

// check finds the mistakes that go-cron does not.
func (f field) check(s string) error {
	for item := range strings.SplitSeq(s, ",") {
		span, _, step := strings.Cut(item, "/")
		wrong := span == "" || isStar(span) && len(span) > 1
		for digits := range strings.FieldsFuncSeq(span, func(r rune) bool { return r < '0' || r > '9' }) {
			n, err := strconv.Atoi(digits)
			wrong = wrong || err != nil || n > f.max
		}
		if wrong {
			return fmt.Errorf("%s %q: %s", f.name, s, f.explain())
		}
		if step && f.max == 7 && !isStar(span) {
			from, to, _ := strings.Cut(span, "-")
			if a, b := weekday(from), weekday(to); a < 0 || a >= b {
				return fmt.Errorf("%s %q: a step needs * or a range that does not pass Sunday, such as 1-5/2", f.name, s)
			}
		}
	}
	return nil
}

// weekday is the number of a day of the week, or -1.
func weekday(s string) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	return slices.Index([]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}, strings.ToLower(s))
}
