package credential

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// audience is who tokens of devices are for.
const audience = "fleetscore"

// claims are what a device's token says.
type claims struct {
	jwt.RegisteredClaims
	Devices Patterns `json:"devices"`
}

// signed is the form of a device's token. The decoder of base64 passes over line ends.
var signed = regexp.MustCompile(`^eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*$`)

// sign makes a device's token.
func (r keyring) sign(id, name string, devices Patterns, now, expires time.Time) (string, error) {
	key := r.Keys[len(r.Keys)-1]
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims{jwt.RegisteredClaims{
		ID: id, Subject: name, Audience: jwt.ClaimStrings{audience}, IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(expires),
	}, devices})
	t.Header["kid"] = key.ID
	text, err := t.SignedString(key.private())
	if err != nil {
		return "", fmt.Errorf("signing: %w", err)
	}
	return text, nil
}

// verify reads a device's token: ErrExpired, or ErrUnknown if it is not one of ours.
func (r keyring) verify(secret string, now time.Time) (Identity, error) {
	var c claims
	t, err := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}), jwt.WithAudience(audience), jwt.WithExpirationRequired(),
		jwt.WithStrictDecoding(), jwt.WithTimeFunc(func() time.Time { return now }),
	).ParseWithClaims(secret, &c, func(t *jwt.Token) (any, error) {
		id, _ := t.Header["kid"].(string)
		if key := r.public(id); key != nil {
			return key, nil
		}
		return nil, errors.New("its key is not known")
	})
	if errors.Is(err, jwt.ErrTokenExpired) { // which is looked at after the signature
		return Identity{}, ErrExpired
	}
	if err != nil || c.ID == "" || c.Devices.Check() != nil {
		return Identity{}, ErrUnknown
	}
	name := "device-token " + c.ID
	if c.Subject != "" {
		name = c.Subject
	}
	return Identity{ID: c.ID, Name: name, Role: Device, Devices: c.Devices, Expires: c.ExpiresAt.UTC(), key: t.Header["kid"].(string)}, nil
}
