// For the items of an array Swagger UI looks for a field by the name of their format, and warns on the console where it has
// none, as for whole numbers of 32 bits. They are typed in as any text is.
const { apis } = SwaggerUIBundle.presets
const textField =
  ({ React }) =>
  (props) =>
    React.createElement(props.getComponent('JsonSchema_string'), props)
SwaggerUIBundle.presets.apis = [apis, (system) => ({ components: { JsonSchema_integer_int32: textField(system) } })]
