/** `holdfast/tls`: certificates for a server, from files or made for one's own machine, and the options to serve them with. */
export { certificateFiles, type CertificateFiles } from './files.ts'
export { localCertificate, type LocalCertificate, type LocalCertificateOptions } from './local.ts'
export { tlsOptions, type CertificatePair } from './server.ts'
