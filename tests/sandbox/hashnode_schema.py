"""Hashnode's GraphQL schema, as far as it is asked here.

Source: https://github.com/Hashnode/gql-skill, skills/gql-api/references/schema.graphql (read 2026-11-21)
"""

from __future__ import annotations

from graphql import build_schema

SCHEMA = build_schema("""
scalar DateTime
scalar ObjectId
type Query {
  me: MyUser
  publication(id: ObjectId, host: String): Publication
  post(id: ID!): Post
}
type Mutation {
  publishPost(input: PublishPostInput!): PublishPostPayload!
  createImageUploadURL(input: CreateImageUploadInput!): CreateImageUploadPayload!
}
scalar JSONObject
input CreateImageUploadInput { contentType: String! }
type CreateImageUploadPayload { presignedPost: PresignedPost! }
type PresignedPost { url: String!, fields: JSONObject! }
type MyUser { id: ID!, username: String!, name: String! }
type Publication {
  id: ID!
  title: String!
  url: String
  post(slug: String!): Post
  posts(first: Int!, after: String): PostConnection!
}
type PostConnection { edges: [PostEdge!]! }
type PostEdge { node: Post!, cursor: String! }
type Post {
  id: ID!
  title: String!
  subtitle: String
  slug: String!
  url: String!
  publishedAt: DateTime!
  canonicalUrl: String
  views: Int
  reactionCount: Int!
  responseCount: Int!
  replyCount: Int!
}
type PublishPostPayload { post: Post! }
input PublishPostInput {
  publicationId: ObjectId!
  title: String!
  subtitle: String
  contentMarkdown: String!
  coverImage: String
  slug: String
  tags: [PublishPostTagInput!]
  originalArticleURL: String
  metaTitle: String
  metaDescription: String
  ogImage: String
  disableComments: Boolean
  isDelisted: Boolean
  enableToc: Boolean
  publishAs: ObjectId
  coAuthors: [ObjectId!]
  seriesId: ObjectId
  publishedAt: DateTime
}
input PublishPostTagInput { slug: String!, name: String }
""")
