/** What the measurement uses of two packages that come without types. */
declare module 'ejs' {
  const ejs: { compile(template: string): (data: object) => string }
  export default ejs
}

declare module 'nunjucks' {
  interface Template {
    render(data: object): string
  }
  const nunjucks: {
    compile(template: string, environment: object): Template
    readonly Environment: new (loader: null, options: { readonly autoescape: boolean }) => object
  }
  export default nunjucks
}
