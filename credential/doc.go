// Package credential knows who is let in: by tokens whose hashes are in the ledger,
// and by signed tokens of devices, of which nothing is kept.
//
// # Tokens
//
// fsk_<id>_<secret>: the ID finds the row, the secret has 256 random bits. Of it the
// ledger has the SHA-256, which is enough for what cannot be guessed; it is compared
// in constant time. A token has a name, a [Role] and perhaps an end, and is revoked
// at once.
//
// # Tokens of devices
//
// A JSON Web Token signed with Ed25519 (EdDSA; no other algorithm is accepted), with
// the claims jti, aud (fleetscore), iat, exp, devices (patterns) and perhaps sub (a
// name), and the key's ID as kid. It is what devices send as bearer token or as
// password of MQTT. A fleet has as many as it likes: they cost no row, and are
// verified without asking anything. Ed25519 and not an HMAC, so that who verifies
// need not have what signs: a listener elsewhere needs the public keys alone.
//
// The keys are in a file of the state's folder, device-keys.json: a JSON object with
// the list keys of {id, created, seed}, where seed is the private key's, in base64.
// The last signs. All verify, until they are removed. A token is revoked by its jti,
// which the ledger keeps until the token would have expired.
//
// # Invariants
//
//   - A secret is shown once, and is in no log, no error and no row.
//   - A token that is revoked, or has expired, or whose key is removed, is not let in
//     from then on; connections that it opened are told to end ([Keeper.Watch]).
//   - Wrong guesses of an address are bounded, in memory that does not grow. What has
//     256 random bits, or a signature, is looked at all the same: nobody guesses it,
//     and a neighbor's mistakes do not keep it out.
//
// # Example
//
//	keeper, err := credential.New(credential.Config{Ledger: ledger, Keys: "state/device-keys.json"})
//	…
//	if err := keeper.Start(ctx); err != nil {
//		return err
//	}
//	defer keeper.Stop()
//	who, err := keeper.Find(secret, address)
package credential
