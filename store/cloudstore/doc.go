// Package cloudstore is the store in a bucket: a container of Azure Blob Storage
// (azblob://container), a bucket of S3 or of what speaks its protocol
// (s3://bucket) or of Google Cloud Storage (gs://bucket). A path in the URL is
// the start of every key: s3://bucket/plant-7. Its query is gocloud.dev's, such
// as ?region=eu-central-1 or ?endpoint=https://s3.example.com&use_path_style=true.
//
// Credentials come from where the cloud's own tools find them: the environment,
// profiles, the identity of the machine or the pod. A URL that holds one is
// refused: URLs end in logs and in lists of processes.
//
// # How the contract is kept
//
// An object appears whole when its upload is complete, and is durable then; the
// clouds promise that much. PutIfAbsent is their conditional write. A [store.File]
// is pinned by the entity tag or the generation of its object: a request for
// what has been replaced fails instead of mixing versions.
//
// Some characters of keys are escaped in the names of objects, by gocloud.dev, in
// Azure also % ("__0x25__"); lists are in the order of keys all the same.
package cloudstore
