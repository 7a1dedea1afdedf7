// Package servers starts the real servers that tests of cloud stores need: the
// emulator of Azure Blob Storage (Azurite), a server of the S3 protocol (Versity)
// and one of Google Cloud Storage's (fake-gcs-server). install.sh installs them,
// as the files in lock/ say, into the folder that the environment variable
// FLEETSCORE_SERVERS names. Each listens on loopback, on a free port, and ends
// with its test.
package servers
