package readings

import (
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestValues(t *testing.T) {
	for _, tt := range []struct {
		text string
		want float64
		kind number
	}{
		{"84.53", 84.53, decimal},
		{"5", 5, integer},
		{"+5", 5, integer},
		{"-5", -5, integer},
		{" \t5 ", 5, integer},
		{"007", 7, integer},
		{"5.", 5, decimal},
		{".5", 0.5, decimal},
		{"-.5e-3", -0.0005, decimal},
		{"1E3", 1000, decimal},
		{"1e+22", 1e22, decimal},
		{"1e23", 1e23, decimal},
		{"9007199254740992", 9007199254740992, integer},
		{"9007199254740993", 9007199254740992, decimal},
		{"-9007199254740992", -9007199254740992, integer},
		{"-9007199254740993", -9007199254740992, decimal},
		{"000000000000000000000000007", 7, integer},
		{"9223372036854775807", math.MaxInt64, decimal},
		{"9223372036854775808", 1 << 63, decimal},
		{"-9223372036854775808", -1 << 63, decimal},
		{"84.530000000000001136868377216160297393798828125", 84.53, decimal},
		{"2.2250738585072011e-308", 2.2250738585072011e-308, decimal},
		{"5e-324", 5e-324, decimal},
		{"1e-999", 0, decimal},
		{"0." + strings.Repeat("0", 400) + "1e401", 1, decimal},
	} {
		v, kind := parseValue([]byte(tt.text))
		if math.Float64bits(v) != math.Float64bits(tt.want) || kind != tt.kind {
			t.Errorf("%q: %v, %d; want %v, %d", tt.text, v, kind, tt.want, tt.kind)
		}
	}
	if v, kind := parseValue([]byte("-0")); v != 0 || !math.Signbit(v) || kind != integer {
		t.Errorf("-0: %v, %d", v, kind)
	}
}

func TestNotFiniteValues(t *testing.T) {
	for kind, texts := range map[number][]string{
		missing: {"", "  ", "NA", "N/A", "n/a", "#N/A", "#NA", "#N/A N/A", "<NA>", "NaN", "nan", "-nan", "-NaN", "NULL", "null",
			"None", "none", "1.#IND", "-1.#QNAN"},
		infinite: {"inf", "-inf", "+Inf", "Infinity", "-INFINITY", "1.#INF"},
		tooLarge: {"1e999", "-1e999", "1" + strings.Repeat("0", 309), "1.8e308"},
		notNumber: {"abc", "1,5", "1 5", "1.2.3", "--5", "+-5", "-", "+", ".", "-.", "e5", "1e", "1e+", "1e5.0", "1e5x", "0x10", "0b1",
			"1_000", "1'000", "12%", "5 V", "1d5", "infin", "infinityy", "nano", "True", "½", "５", "\x00"},
	} {
		for _, text := range texts {
			if _, got := parseValue([]byte(text)); got != kind {
				t.Errorf("%q: %d, want %d", text, got, kind)
			}
		}
	}
}

// Numbers are exactly those of the pattern, and exactly what strconv reads.
func FuzzValue(f *testing.F) {
	for _, seed := range []string{"84.53", "9007199254740993", "-1.5e-7", "1e23", "0x1p3", "1_0", "inf", "1.7976931348623159e308", "123456789012345678901234567890"} {
		f.Add(seed)
	}
	plain := regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`)
	whole := regexp.MustCompile(`^[+-]?[0-9]+$`)
	f.Fuzz(func(t *testing.T, text string) {
		got, kind := parseValue([]byte(text))
		number := strings.Trim(text, " \t")
		want, err := strconv.ParseFloat(number, 64)
		n, notInt64 := strconv.ParseInt(number, 10, 64)
		exact := notInt64 == nil && n <= 1<<53 && n >= -1<<53
		switch {
		case !plain.MatchString(number):
			if kind != missing && kind != infinite && kind != notNumber {
				t.Fatalf("%q is a number of kind %d", text, kind)
			}
		case errors.Is(err, strconv.ErrRange):
			if kind != tooLarge {
				t.Fatalf("%q: %v, %d; want too large", text, got, kind)
			}
		case math.Float64bits(got) != math.Float64bits(want):
			t.Fatalf("%q: %v, want %v", text, got, want)
		case (kind == integer) != (whole.MatchString(number) && exact), kind != integer && kind != decimal:
			t.Fatalf("%q: kind %d", text, kind)
		}
	})
}
