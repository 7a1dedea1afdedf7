package credential_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fleetscore/fleetscore/credential"
	"github.com/fleetscore/fleetscore/ledger"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var home = netip.MustParseAddr("192.0.2.1")

// fixture is a keeper with a clock.
type fixture struct {
	*credential.Keeper
	t      *testing.T
	now    atomic.Int64
	folder string
	cfg    credential.Config
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, folder: t.TempDir()}
	f.now.Store(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).Unix())
	l, err := ledger.Open(t.Context(), filepath.Join(f.folder, "ledger.db"))
	must(t, err)
	t.Cleanup(func() { must(t, l.Close()) })
	f.cfg = credential.Config{
		Ledger: l, Keys: filepath.Join(f.folder, "device-keys.json"), Now: f.clock,
		Fixed: []credential.Fixed{{Name: "admin", Role: credential.Admin, Secret: credential.NewSecret()}, {Name: "environment", Role: credential.Admin, Secret: "correct-horse-battery-staple", Chosen: true}},
	}
	f.start()
	t.Cleanup(func() { f.Stop() })
	return f
}

func (f *fixture) clock() time.Time { return time.Unix(f.now.Load(), 0) }

func (f *fixture) later(d time.Duration) { f.now.Add(int64(d / time.Second)) }

// start starts a keeper anew, as after a restart.
func (f *fixture) start() {
	f.t.Helper()
	if f.Keeper != nil {
		f.Stop()
	}
	var err error
	f.Keeper, err = credential.New(f.cfg)
	must(f.t, err)
	must(f.t, f.Start(context.WithoutCancel(f.t.Context())))
}

func (f *fixture) want(secret string, name string, want error) credential.Identity {
	f.t.Helper()
	who, err := f.Find(secret, home)
	if !errors.Is(err, want) || err == nil && who.Name != name {
		f.t.Errorf("found %+v, %v; want %q, %v", who, err, name, want)
	}
	return who
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestTokenLife(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	secret, token, err := f.Create(ctx, credential.Order{Name: "grafana", Role: credential.Viewer, Expires: f.clock().Add(time.Hour), Maker: "admin"})
	must(t, err)
	if strings.Contains(token.ID, secret) || !strings.HasPrefix(secret, "fsk_"+token.ID+"_") || len(secret) != 69 {
		t.Errorf("the secret %q of %+v", secret, token)
	}
	for range 2 {
		who := f.want(secret, "grafana", nil)
		if who.Role != credential.Viewer || who.May("pump-1") {
			t.Errorf("%+v", who)
		}
		f.start()
	}
	if l := f.List(); len(l) != 1 || l[0].Used.IsZero() || l[0].Maker != "admin" {
		t.Errorf("the list is %+v", l)
	}
	_, _, err = f.Create(ctx, credential.Order{Name: "grafana", Role: credential.Viewer})
	if !errors.Is(err, credential.ErrConflict) {
		t.Errorf("a second token of the name: %v", err)
	}
	f.later(time.Hour)
	f.want(secret, "", credential.ErrExpired)
	_, err = f.Revoke(ctx, "grafana")
	must(t, err)
	f.want(secret, "", credential.ErrRevoked)
	f.start()
	f.want(secret, "", credential.ErrRevoked)
	_, _, err = f.Create(ctx, credential.Order{Name: "grafana", Role: credential.Viewer})
	must(t, err)
	raw, err := os.ReadFile(filepath.Join(f.folder, "ledger.db-wal"))
	must(t, err)
	if strings.Contains(string(raw), secret[len(secret)-52:]) {
		t.Error("the ledger has the secret")
	}
	for which, want := range map[string]error{"none": credential.ErrNone, "admin": credential.ErrConflict, token.ID: nil} {
		if _, err := f.Revoke(ctx, which); !errors.Is(err, want) {
			t.Errorf("revoking %s: %v", which, err)
		}
	}
}

func TestDeviceTokenLife(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	order := credential.Order{Devices: credential.Patterns{"pump-*", "fan-?"}, Expires: f.clock().Add(time.Hour)}
	id, secret, err := f.Sign(order)
	must(t, err)
	for range 2 {
		who := f.want(secret, "device-token "+id, nil)
		if who.Role != credential.Device || !who.May("pump-7") || !who.May("fan-x") || who.May("fan-10") || who.May("") {
			t.Errorf("%+v", who)
		}
		f.start()
	}
	if info, err := os.Stat(f.cfg.Keys); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file of keys: %v, %v", info, err)
	}
	old := f.Keys()
	_, err = f.RotateKey()
	must(t, err)
	f.want(secret, "device-token "+id, nil)
	order.Name = "gateway-3"
	newID, newer, err := f.Sign(order)
	must(t, err)
	if err := f.RemoveKey(f.Keys()[1].ID); !errors.Is(err, credential.ErrConflict) {
		t.Errorf("removing the key that signs: %v", err)
	}
	must(t, f.RemoveKey(old[0].ID))
	for range 2 {
		f.want(secret, "", credential.ErrUnknown)
		f.want(newer, "gateway-3", nil)
		f.start()
	}
	must(t, f.RevokeSigned(ctx, newID))
	for range 2 {
		f.want(newer, "", credential.ErrRevoked)
		f.start()
	}
	_, third, err := f.Sign(order)
	must(t, err)
	f.want(third, "gateway-3", nil)
	f.later(time.Hour)
	f.want(third, "", credential.ErrExpired)
	if err := f.RevokeSigned(ctx, "x"); !errors.Is(err, credential.ErrNone) {
		t.Errorf("revoking what is no ID: %v", err)
	}
}

// TestWatch checks that connections are told when their token ends, in whatever way.
func TestWatch(t *testing.T) {
	f := newFixture(t)
	ctx := t.Context()
	ended := make(chan string, 10)
	watch := func(secret, what string) (stop func()) {
		who, err := f.Find(secret, home)
		must(t, err)
		return f.Watch(who, func() { ended <- what })
	}
	next := func(want string) {
		t.Helper()
		if got := <-ended; got != want {
			t.Errorf("%s has ended, not %s", got, want)
		}
	}
	a, _, err := f.Create(ctx, credential.Order{Name: "a", Role: credential.Viewer})
	must(t, err)
	b, _, err := f.Create(ctx, credential.Order{Name: "b", Role: credential.Viewer, Expires: f.clock().Add(time.Second)})
	must(t, err)
	order := credential.Order{Devices: credential.Patterns{"*"}, Expires: f.clock().Add(time.Hour)}
	cID, c, err := f.Sign(order)
	must(t, err)
	_, d, err := f.Sign(order)
	must(t, err)
	for _, w := range [][2]string{{a, "a"}, {b, "b"}, {c, "c"}, {d, "d"}} {
		defer watch(w[0], w[1])()
	}
	watch(a, "stopped")()
	defer watch(f.cfg.Fixed[0].Secret, "fixed")()
	next("b") // by itself
	who, err := f.Find(a, home)
	must(t, err)
	_, err = f.Revoke(ctx, "a")
	must(t, err)
	next("a")
	f.Watch(who, func() { ended <- "too late" })
	next("too late")
	must(t, f.RevokeSigned(ctx, cID))
	next("c")
	_, err = f.RotateKey()
	must(t, err)
	must(t, f.RemoveKey(f.Keys()[0].ID))
	next("d")
	if len(ended) > 0 {
		t.Errorf("%s has ended", <-ended)
	}
}

func TestGuesses(t *testing.T) {
	f := newFixture(t)
	stored, _, err := f.Create(t.Context(), credential.Order{Name: "a", Role: credential.Viewer})
	must(t, err)
	for range 20 {
		f.want("wrong", "", credential.ErrUnknown)
	}
	var many credential.TooMany
	if _, err := f.Find("wrong", home); !errors.As(err, &many) || many.After != 10*time.Second {
		t.Errorf("guess 21: %v", err)
	}
	if _, err := f.Find(f.cfg.Fixed[1].Secret, home); !errors.As(err, &many) {
		t.Errorf("what a person chose, from who guesses: %v", err)
	}
	f.want(stored, "a", nil) // a neighbor's mistakes do not matter
	f.want(f.cfg.Fixed[0].Secret, "admin", nil)
	other := netip.MustParseAddr("2001:db8::1")
	if who, err := f.Find(f.cfg.Fixed[1].Secret, other); err != nil || who.Name != "environment" {
		t.Errorf("from elsewhere: %v, %v", who, err)
	}
	for i := range 21 { // all addresses of a network are one
		other = netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 15: byte(i)})
		_, err = f.Find("wrong", other)
	}
	if !errors.As(err, &many) {
		t.Errorf("guess 21 of a network: %v", err)
	}
	f.later(10 * time.Second)
	f.want("wrong", "", credential.ErrUnknown)
	if _, err := f.Find("wrong", home); !errors.As(err, &many) {
		t.Errorf("a guess too early: %v", err)
	}
	f.later(time.Hour)
	f.want(f.cfg.Fixed[1].Secret, "environment", nil)
}

func TestRefused(t *testing.T) {
	f := newFixture(t)
	now := f.clock()
	pump := credential.Patterns{"pump-*"}
	for _, o := range []credential.Order{
		{Role: credential.Viewer}, {Name: "a"}, {Name: "a", Role: 9}, {Name: "a b", Role: credential.Viewer}, {Name: "admin", Role: credential.Viewer},
		{Name: "a", Role: credential.Device}, {Name: "a", Role: credential.Viewer, Devices: pump}, {Name: "a", Role: credential.Device, Devices: credential.Patterns{""}},
		{Name: "a", Role: credential.Viewer, Expires: now}, {Name: "a", Role: credential.Viewer, Expires: now.AddDate(11, 0, 0)},
		{Name: strings.Repeat("a", 65), Role: credential.Viewer}, {Name: "a", Role: credential.Device, Devices: make(credential.Patterns, 33)},
	} {
		if _, _, err := f.Create(t.Context(), o); !errors.Is(err, credential.ErrInvalid) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	for _, o := range []credential.Order{{Devices: pump}, {Expires: now.Add(time.Hour)}, {Devices: pump, Expires: now}, {Devices: pump, Expires: now.AddDate(11, 0, 0)}, {Name: "a b", Devices: pump, Expires: now.Add(1)}} {
		if _, _, err := f.Sign(o); !errors.Is(err, credential.ErrInvalid) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	must(t, os.WriteFile(f.cfg.Keys, []byte("{"), 0o600))
	for _, mode := range []os.FileMode{0o600, 0o644} {
		must(t, os.Chmod(f.cfg.Keys, mode))
		k, err := credential.New(f.cfg)
		must(t, err)
		if err := k.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "device-keys.json") {
			t.Errorf("a broken file of keys of mode %o: %v", mode, err)
		}
	}
}

// TestForged changes what a token says, and leaves its signature.
func TestForged(t *testing.T) {
	f := newFixture(t)
	_, secret, err := f.Sign(credential.Order{Devices: credential.Patterns{"pump-*"}, Expires: f.clock().Add(time.Hour)})
	must(t, err)
	part := strings.Split(secret, ".")
	header, err := base64.RawURLEncoding.DecodeString(part[0])
	must(t, err)
	body, err := base64.RawURLEncoding.DecodeString(part[1])
	must(t, err)
	with := func(header, body string) string {
		return base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(body)) + "." + part[2]
	}
	for _, forged := range []string{
		with(string(header), strings.Replace(string(body), "pump-*", "*", 1)),
		with(strings.Replace(string(header), "EdDSA", "none", 1), string(body)),
		with(strings.Replace(string(header), "EdDSA", "HS256", 1), string(body)),
		with(strings.Replace(string(header), `"kid":"`, `"kid":"x`, 1), string(body)),
		part[0] + "." + part[1] + ".", part[0] + "." + part[1] + "." + strings.Repeat("A", len(part[2])), secret + "A", secret + "=", " " + secret,
	} {
		f.want(forged, "", credential.ErrUnknown)
		f.later(time.Minute) // or there are too many
	}
	var claims map[string]any
	must(t, json.Unmarshal(body, &claims))
	if claims["aud"] == nil || claims["exp"] == nil || claims["jti"] == nil {
		t.Errorf("the claims are %s", body)
	}
}

func FuzzFind(f *testing.F) {
	folder := f.TempDir()
	l, err := ledger.Open(f.Context(), filepath.Join(folder, "ledger.db"))
	must(f, err)
	f.Cleanup(func() { must(f, l.Close()) })
	k, err := credential.New(credential.Config{Ledger: l, Keys: filepath.Join(folder, "keys.json")})
	must(f, err)
	must(f, k.Start(f.Context()))
	f.Cleanup(k.Stop)
	secret, _, err := k.Create(f.Context(), credential.Order{Name: "a", Role: credential.Admin})
	must(f, err)
	_, signed, err := k.Sign(credential.Order{Devices: credential.Patterns{"*"}, Expires: time.Now().Add(time.Hour)})
	must(f, err)
	f.Add("", uint16(0))
	f.Add(secret, uint16(0))
	f.Add(signed, uint16(0))
	f.Add("fsk__", uint16(7))
	f.Add("eyJ..", uint16(7))
	n := uint32(0)
	f.Fuzz(func(t *testing.T, text string, flip uint16) {
		n++
		from := netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
		for _, whole := range []string{secret, signed} {
			bent := []byte(whole)
			bent[int(flip)%len(bent)] ^= 1 + byte(flip>>8)&0x7f
			for _, tried := range []string{text, whole + text, string(bent)} {
				if _, err := k.Find(tried, from); err == nil && tried != secret && tried != signed {
					t.Errorf("%q is let in", tried)
				}
			}
		}
	})
}

func FuzzPatterns(f *testing.F) {
	for _, c := range [][2]string{{"pump-*", "pump-7"}, {"*a*b?c", "xxaybbc"}, {"", ""}, {"**", ""}, {"?", "温"}, {"*a", strings.Repeat("a", 100)}, {"*?x*", "温x"}} {
		f.Add(c[0], c[1])
	}
	f.Fuzz(func(t *testing.T, pattern, name string) {
		p := credential.Patterns{pattern}
		if p.Check() != nil || strings.ToValidUTF8(name, "") != name || len(name) > 256 {
			return
		}
		meaning := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(pattern))
		if want := regexp.MustCompile(`(?s)^(` + meaning + `)$`).MatchString(name); p.Match(name) != want {
			t.Errorf("%q matches %q: %v", pattern, name, !want)
		}
	})
}
