"""A document with records, streams and credentials, for tests of control."""

from __future__ import annotations

PETS = """
openapi: 3.2.0
info: {title: Pets, version: '1'}
x-understudy:
  resources:
    pet:
      key: id
      schema: '#/components/schemas/Pet'
      defaults: {made: $now}
      seed: [{id: p1, name: Rex, made: '2024-03-04T09:00:00Z'}]
    toy: {key: id, scope: [$request.path.owner], seed: [{id: t1}]}
paths:
  /pets:
    get:
      operationId: listPets
      x-understudy: {action: {list: pet}}
      responses:
        '200':
          description: ''
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}}}
    post:
      operationId: createPet
      x-understudy: {action: {create: pet}}
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [name], properties: {name: {type: string}}}
            example: {name: Tom}
      responses:
        '201': {description: '', content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
  /pets/{id}:
    get:
      operationId: readPet
      parameters: [{name: id, in: path, required: true, schema: {type: string}, example: p1}]
      x-understudy: {action: {read: pet, key: $request.path.id}}
      responses:
        '200': {description: '', content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
        '404': {description: ''}
  /secret:
    get:
      operationId: readSecret
      security: [{key: []}, {query: []}]
      parameters: [{name: X-Key, in: header, schema: {type: string, maxLength: 12}}]
      responses: {'200': {description: '', content: {application/json: {example: {fine: true}}}}}
  /word:
    get:
      operationId: readWord
      summary: A word
      responses:
        '200':
          description: ''
          content:
            application/json:
              schema: {type: object}
              examples: {long: {value: {word: incomprehensibilities}}, short: {value: {word: a}}}
        '500':
          description: ''
          content: {application/json: {schema: {type: object, required: [error], properties: {error: {const: broken}}}}}
  /empty:
    delete: {operationId: empty, responses: {'204': {description: ''}}}
  /events:
    get:
      operationId: follow
      responses:
        '200':
          description: ''
          content:
            text/event-stream:
              itemSchema:
                type: object
                required: [id, data]
                properties:
                  id: {type: string, pattern: '^e[0-9]+$'}
                  data:
                    type: string
                    contentMediaType: application/json
                    contentSchema: {type: object, required: [n], properties: {n: {type: integer}}}
              x-understudy: {stream: {resume: true}}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
    query: {type: apiKey, in: query, name: pass}
  schemas:
    Pet:
      type: object
      required: [id, name]
      properties: {id: {type: string}, name: {type: string}, made: {type: string, format: date-time}}
"""
