package web

import (
	"context"
	"fmt"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fleetscore/fleetscore/credential"
)

// DeviceTokenOrder is what is wanted of a token that is signed.
type DeviceTokenOrder struct {
	Name    string    `json:"name,omitempty" maxLength:"64" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]*$" doc:"who it is, for people"`
	Devices []string  `json:"devices" minItems:"1" maxItems:"32" nullable:"false" doc:"patterns, in which * is any text and ? one character"`
	Expires time.Time `json:"expires"`
}

// DeviceToken is a token that was signed, and its secret, which is told this once.
type DeviceToken struct {
	ID      string    `json:"id" doc:"by which it can be revoked"`
	Name    string    `json:"name,omitempty"`
	Devices []string  `json:"devices" nullable:"false"`
	Expires time.Time `json:"expires"`
	Secret  string    `json:"secret" doc:"a JSON Web Token: bearer token of HTTP, password of MQTT"`
}

// RevokedDeviceToken is one that is not let in any more.
type RevokedDeviceToken struct {
	ID string `json:"id"`
}

// SigningKey is one that signs tokens of devices, or did.
type SigningKey struct {
	ID      string    `json:"id"`
	Created time.Time `json:"created"`
	Signs   bool      `json:"signs" doc:"new tokens; else it only verifies older ones"`
}

// SigningKeyList is all keys, the newest last.
type SigningKeyList struct {
	Keys []SigningKey `json:"keys" nullable:"false"`
}

type signTokenInput struct{ Body DeviceTokenOrder }

type deviceTokenInput struct {
	Token string `path:"token" maxLength:"64" doc:"its ID"`
}

type keyInput struct {
	Key string `path:"key" maxLength:"64"`
}

func (s *Server) deviceTokenOperations(api huma.API) {
	register(s, api, operation{id: "sign-device-token", at: "POST " + base + "/device-tokens", tag: "tokens", role: Admin, status: 201, summary: "Make a device's token, of which nothing is kept"}, s.signToken)
	register(s, api, operation{id: "revoke-device-token", at: "POST " + base + "/device-tokens/{token}/revoke", tag: "tokens", role: Admin, summary: "Let a device's token in no more"},
		func(ctx context.Context, in *deviceTokenInput) (RevokedDeviceToken, error) {
			if err := s.cfg.Credentials.RevokeSigned(ctx, in.Token); err != nil {
				return RevokedDeviceToken{}, err
			}
			s.note(ctx, "device-token.revoke", in.Token, "")
			return RevokedDeviceToken{in.Token}, nil
		})
	register(s, api, operation{id: "list-signing-keys", at: "GET " + base + "/signing-keys", tag: "tokens", role: Admin, summary: "The keys that sign devices' tokens"},
		func(context.Context, *struct{}) (SigningKeyList, error) {
			return viewKeys(s.cfg.Credentials.Keys()), nil
		})
	register(s, api, operation{id: "rotate-signing-key", at: "POST " + base + "/signing-keys", tag: "tokens", role: Admin, status: 201, conflicts: true, summary: "Make a key that signs from now on",
		about: "The keys before it go on to verify, until they are removed."}, s.rotateKey)
	register(s, api, operation{id: "remove-signing-key", at: "POST " + base + "/signing-keys/{key}/remove", tag: "tokens", role: Admin, conflicts: true, summary: "Remove a key, and let in no more what it has signed"},
		func(ctx context.Context, in *keyInput) (SigningKeyList, error) {
			if err := s.cfg.Credentials.RemoveKey(in.Key); err != nil {
				return SigningKeyList{}, err
			}
			s.note(ctx, "signing-key.remove", in.Key, "")
			return viewKeys(s.cfg.Credentials.Keys()), nil
		})
}

func (s *Server) signToken(ctx context.Context, in *signTokenInput) (DeviceToken, error) {
	o := in.Body
	o.Expires = o.Expires.UTC().Truncate(time.Second) // as the token will have it
	id, secret, err := s.cfg.Credentials.Sign(credential.Order{Name: o.Name, Devices: o.Devices, Expires: o.Expires})
	if err != nil {
		return DeviceToken{}, err
	}
	name := ""
	if o.Name != "" {
		name = "name " + o.Name + ", "
	}
	s.note(ctx, "device-token.create", id, fmt.Sprintf("%sdevices %q%s", name, o.Devices, until(o.Expires)))
	return DeviceToken{ID: id, Name: o.Name, Devices: o.Devices, Expires: o.Expires, Secret: secret}, nil
}

func (s *Server) rotateKey(ctx context.Context, _ *struct{}) (SigningKeyList, error) {
	keys, err := s.cfg.Credentials.RotateKey()
	if err != nil {
		return SigningKeyList{}, err
	}
	s.note(ctx, "signing-key.rotate", keys[len(keys)-1].ID, "")
	return viewKeys(keys), nil
}

func viewKeys(keys []credential.Key) SigningKeyList {
	list := SigningKeyList{Keys: make([]SigningKey, 0, len(keys))}
	for _, k := range keys {
		list.Keys = append(list.Keys, SigningKey(k))
	}
	return list
}
