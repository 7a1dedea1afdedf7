package client

import (
	"context"

	"github.com/fleetscore/fleetscore/web"
)

// Tokens lists the tokens, without their secrets.
func (c *Client) Tokens(ctx context.Context) (*web.TokenList, error) {
	return get[web.TokenList](ctx, c, at("tokens"), nil)
}

// CreateToken makes a token.
func (c *Client) CreateToken(ctx context.Context, order web.TokenOrder) (*web.MadeToken, error) {
	return post[web.MadeToken](ctx, c, at("tokens"), order)
}

// RevokeToken ends a token, by its ID or name.
func (c *Client) RevokeToken(ctx context.Context, which string) (*web.Token, error) {
	return post[web.Token](ctx, c, at("tokens", which, "revoke"), nil)
}

// SignDeviceToken makes a device's token.
func (c *Client) SignDeviceToken(ctx context.Context, order web.DeviceTokenOrder) (*web.DeviceToken, error) {
	return post[web.DeviceToken](ctx, c, at("device-tokens"), order)
}

// RevokeDeviceToken ends a device's token, by its ID.
func (c *Client) RevokeDeviceToken(ctx context.Context, id string) (*web.RevokedDeviceToken, error) {
	return post[web.RevokedDeviceToken](ctx, c, at("device-tokens", id, "revoke"), nil)
}

// SigningKeys lists the keys that sign devices' tokens.
func (c *Client) SigningKeys(ctx context.Context) (*web.SigningKeyList, error) {
	return get[web.SigningKeyList](ctx, c, at("signing-keys"), nil)
}

// RotateSigningKey makes a key that signs from now on.
func (c *Client) RotateSigningKey(ctx context.Context) (*web.SigningKeyList, error) {
	return post[web.SigningKeyList](ctx, c, at("signing-keys"), nil)
}

// RemoveSigningKey ends a key, and what it has signed.
func (c *Client) RemoveSigningKey(ctx context.Context, id string) (*web.SigningKeyList, error) {
	return post[web.SigningKeyList](ctx, c, at("signing-keys", id, "remove"), nil)
}
