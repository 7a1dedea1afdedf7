package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"github.com/fleetscore/fleetscore/credential"
	"github.com/fleetscore/fleetscore/ingest/mqtt"
	"github.com/fleetscore/fleetscore/internal/secretfile"
	"github.com/fleetscore/fleetscore/internal/tlsfile"
	"github.com/fleetscore/fleetscore/web"
)

// Names of files in the state's folder.
const (
	tokenName = "token"            // the administrator's, where the CLI finds it
	keysName  = "device-keys.json" // that sign devices' tokens
)

// openCredentials reads who is let in, and by which certificate listeners show who
// they are.
func (a *App) openCredentials(ctx context.Context, state string) error {
	given, err := givenTokens(state)
	if err != nil {
		return err
	}
	keeper, err := credential.New(credential.Config{Ledger: a.ledger, Keys: filepath.Join(state, keysName), Fixed: given, Log: a.log.With("system", "credential")})
	if err != nil {
		return err
	}
	if err := keeper.Start(ctx); err != nil {
		return fmt.Errorf("reading tokens: %w", err)
	}
	a.credentials = keeper
	if t := a.settings().TLS; t.On() {
		if a.tls, err = tlsfile.Open(tlsfile.Files{Cert: t.Cert, Key: t.Key, ClientCA: t.ClientCA}, a.log.With("system", "tls")); err != nil {
			return fmt.Errorf("tls: %w", err)
		}
	}
	return nil
}

// givenTokens are those that no ledger has: the one in the state's folder, which is
// made if it is not there, and FLEETSCORE_TOKEN, if that is set.
func givenTokens(state string) ([]credential.Fixed, error) {
	path := filepath.Join(state, tokenName)
	secret, err := readToken(path)
	if errors.Is(err, fs.ErrNotExist) {
		secret = credential.NewSecret()
		err = secretfile.Write(path, []byte(secret+"\n"))
	}
	if err != nil {
		return nil, fmt.Errorf("the token of the API: %w", err)
	}
	list := []credential.Fixed{{Name: "admin", Role: credential.Admin, Secret: secret}}
	if given := os.Getenv("FLEETSCORE_TOKEN"); given != "" && given != secret {
		list = append(list, credential.Fixed{Name: "environment", Role: credential.Admin, Secret: given, Chosen: true})
	}
	for _, f := range list { // so that it is told where the secret is from
		if err := f.Check(); err != nil {
			return nil, fmt.Errorf("%s: %w", map[string]string{"admin": path, "environment": "FLEETSCORE_TOKEN"}[f.Name], err)
		}
	}
	return list, nil
}

// readToken reads the administrator's token.
func readToken(path string) (string, error) {
	text, err := secretfile.Read(path)
	return strings.TrimSpace(string(text)), err
}

// authorizeMQTT says what a client of MQTT may: what its password, a token, does.
// On a loopback address none is needed, as by HTTP.
func (a *App) authorizeMQTT(login mqtt.Login) (mqtt.Grant, error) {
	if len(login.Password) == 0 && web.Loopback(a.settings().Ingest.MQTT) && !a.settings().TLS.Proxy {
		return mqtt.Grant{}, nil
	}
	who, err := a.credentials.Find(string(login.Password), addressOf(login.Remote))
	if err != nil {
		return mqtt.Grant{}, err
	}
	if !who.Role.Allows(credential.Device) {
		return mqtt.Grant{}, fmt.Errorf("token %s has the role %s, which sends no readings", who.Name, who.Role)
	}
	return mqtt.Grant{May: who.May, Watch: func(end func()) func() { return a.credentials.Watch(who, end) }}, nil
}

func addressOf(remote net.Addr) netip.Addr {
	at, _ := netip.ParseAddrPort(remote.String()) // what is none counts as one
	return at.Addr()
}
