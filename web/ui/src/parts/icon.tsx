// Pictures of 16 × 16, drawn in the colour of the text beside them.
const paths = {
  overview: "M2 9h4v5H2zM10 2h4v12h-4zM6 6h4v8H6z",
  fleet: "M2 2h3v3H2zM6.5 2h3v3h-3zM11 2h3v3h-3zM2 6.5h3v3H2zM6.5 6.5h3v3h-3zM11 6.5h3v3h-3zM2 11h3v3H2zM6.5 11h3v3h-3zM11 11h3v3h-3z",
  runs: "M2 3h7v2.5H2zM5 6.75h7v2.5H5zM8 10.5h6V13H8z",
  jobs: "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zm0 1.6a4.9 4.9 0 1 1 0 9.8 4.9 4.9 0 0 1 0-9.8zM7.2 4.5h1.5v3.3l2.3 1.4-.8 1.3-3-1.8z",
  nodes: "M2 2.5h12v4.7H2zM2 8.8h12v4.7H2zM4 4.2v1.4h1.6V4.2zM4 10.4v1.4h1.6v-1.4z",
  logs: "M2 3h12v1.5H2zM2 6h9v1.5H2zM2 9h12v1.5H2zM2 12h7v1.5H2z",
  ingest: "M7.2 1.5h1.6v6.2l2.3-2.2 1.1 1.1L8 10.8 3.8 6.6l1.1-1.1 2.3 2.2zM2 12h12v1.8H2z",
  models: "M8 1.3 14 4.6v6.8l-6 3.3-6-3.3V4.6zm0 1.8L4.4 5.1 8 7l3.6-1.9zM3.6 6.5v4L7.2 12.500V8.400zm8.8 0L8.800 8.400v4.100l3.600-2z",
  store: "M8 1.500c3.300 0 6 1.000 6 2.300v8.400c0 1.300-2.700 2.300-6 2.300s-6-1-6-2.300V3.800c0-1.300 2.700-2.300 6-2.300zm4.400 4.500c-1.100.5-2.700.8-4.400.8S4.700 6.500 3.600 6v2c.5.500 2.100 1.100 4.400 1.100s3.900-.6 4.400-1.100z",
  settings: "M2 3.500h6v1.500H2zM11 3.500h3v1.500h-3zM8.500 2.200H10v4.100H8.500zM2 7.300h2v1.500H2zM7 7.300h7v1.500H7zM4.500 6h1.500v4.100H4.500zM2 11.100h6v1.500H2zM11 11.100h3v1.500h-3zM8.500 9.800H10v4.100H8.500z",
  menu: "M2 3.500h12V5H2zM2 7.250h12v1.500H2zM2 11h12v1.500H2z",
  search: "M7 1.800a5.200 5.200 0 1 0 3.100 9.400l3.200 3.200 1.100-1.100-3.200-3.200A5.200 5.200 0 0 0 7 1.800zm0 1.500a3.700 3.700 0 1 1 0 7.400 3.700 3.700 0 0 1 0-7.400z",
} as const;

export type Picture = keyof typeof paths;

export function Icon({ of }: { of: Picture }) {
  return <svg viewBox="0 0 16 16" aria-hidden="true"><path d={paths[of]} fill="currentColor" fill-rule="evenodd" /></svg>;
}
